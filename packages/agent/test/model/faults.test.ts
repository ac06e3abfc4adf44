import { call, inOrder, type ReplyFault, say } from "@twolane/testkit"
import { describe, expect, test } from "vitest"
import type { ModelTransport } from "../../src/model/port.ts"
import { heard, rig, user } from "./harness.ts"

const transports: ModelTransport[] = ["websocket", "sse", "chat"]
const patch = "*** Begin Patch\n*** Add File: a.txt\n+a long line of text\n*** End Patch"
const broken = (fault: ReplyFault) => ({ ...call(["apply_patch", patch]), fault })
const go = [user("Go.")]

describe.each(transports)("over %s", transport => {
  test("a stream that breaks in the middle of a patch yields none of it, and the call is made again", async () => {
    const script = inOrder(broken({ type: "drop", afterDeltas: 5 }), call(["apply_patch", patch]))
    await using model = await rig(transport, { script })
    const result = await model.step(go)
    expect(result).toMatchObject({ ok: true, items: [{ type: "custom_tool_call", input: patch }] })
    expect(result.ok && result.items).toHaveLength(1)
    const [half, retry, whole] = heard(model.events)
    expect(patch.startsWith((half ?? "").replace("tool apply_patch ", ""))).toBe(true)
    expect([retry, whole]).toEqual(["retry", `tool apply_patch ${patch}`])
  })

  test("429 and 500 are waited out, as long as retry-after asks", async () => {
    const script = inOrder(
      broken({ type: "status", status: 429, code: "rate_limit_exceeded", retryAfterSeconds: 0.05 }),
      broken({ type: "status", status: 500 }),
      say("Done."),
    )
    await using model = await rig(transport, { script })
    const before = performance.now()
    expect(await model.step(go)).toMatchObject({ ok: true })
    expect(performance.now() - before).toBeGreaterThanOrEqual(50)
    const retries = model.events.flatMap(event => (event.type === "retry" ? [event.afterMs] : []))
    expect(retries).toHaveLength(2)
    expect(retries[0]).toBeGreaterThanOrEqual(50)
    expect(retries[0]).toBeLessThanOrEqual(56)
  })

  test("a model that stays away is given up after four tries", async () => {
    await using model = await rig(transport, { script: () => broken({ type: "status", status: 503 }) })
    expect(await model.step(go)).toMatchObject({ ok: false, code: "model-unavailable" })
    expect(model.server.requests).toHaveLength(4)
  })

  test("a longer wait than our patience is handed to the caller", async () => {
    const fault = { type: "status", status: 429, retryAfterSeconds: 300 } as const
    await using model = await rig(transport, { script: () => broken(fault) })
    expect(await model.step(go)).toMatchObject({
      ok: false,
      code: "model-rate-limited",
      retryAfterMs: 300_000,
    })
    expect(model.server.requests).toHaveLength(1)
  })

  test.each([
    [{ status: 401 }, "model-auth"],
    [{ status: 403, message: "Your region is not supported." }, "model-auth"],
    [{ status: 404, code: "model_not_found" }, "model-unknown"],
    [{ status: 400, code: "context_length_exceeded" }, "context-overflow"],
    [{ status: 400, code: "content_policy_violation" }, "model-refused"],
    [{ status: 400, message: "Something is wrong with temperature." }, "model-refused"],
    [{ status: 429, code: "insufficient_quota" }, "model-rate-limited"],
  ] as const)("an error %o is final: %s", async (error, code) => {
    const script = () => broken({ type: "status", ...error })
    await using model = await rig(transport, { script })
    expect(await model.step(go)).toMatchObject({ ok: false, code })
    expect(model.server.requests).toHaveLength(1)
  })

  test("response.failed is retried when the service is at fault, and final when the prompt is", async () => {
    const failed = (code: string) =>
      ({ type: "failed", afterDeltas: 3, code, message: "It failed." }) as const
    await using ill = await rig(transport, { script: inOrder(broken(failed("server_error")), say("Done.")) })
    expect(await ill.step(go)).toMatchObject({ ok: true })
    await using refused = await rig(transport, { script: () => broken(failed("invalid_prompt")) })
    expect(await refused.step(go)).toMatchObject({ ok: false, code: "model-refused" })
  })

  test("silence is not borne for ever, neither before the first byte nor in the middle", async () => {
    let never: (() => void) | undefined
    const script = inOrder(broken({ type: "hang", afterDeltas: 3 }), say("Done."))
    await using stuck = await rig(transport, { script }, { idleMs: 40 })
    expect(await stuck.step(go)).toMatchObject({ ok: true })
    expect(heard(stuck.events).slice(1)).toEqual(["retry", "text Done."])
    const silent = () =>
      new Promise<ReturnType<typeof say>>(resolve => {
        never = () => resolve(say("Late."))
      })
    await using mute = await rig(transport, { script: silent }, { firstByteMs: 30, attempts: 2 })
    expect(await mute.step(go)).toMatchObject({ ok: false, code: "model-unavailable" })
    never?.()
  })

  test("an answer at its length limit keeps what was said, and no half call", async () => {
    const items = [{ type: "message" as const, text: "I patch." }, ...call(["apply_patch", patch]).items]
    const fault = { type: "incomplete", afterDeltas: 5, reason: "max_output_tokens" } as const
    await using model = await rig(transport, { script: () => ({ items, fault }) })
    const result = await model.step(go)
    expect(result).toMatchObject({ ok: true, incomplete: "max_output_tokens", items: [{ type: "message" }] })
    expect(result.ok && result.items).toHaveLength(1)
    expect(model.events.filter(event => event.type === "item")).toHaveLength(1)
  })

  test("a filtered answer says so, and a refusal is the model's no", async () => {
    const fault = { type: "incomplete", afterDeltas: 1, reason: "content_filter" } as const
    await using filtered = await rig(transport, { script: () => ({ ...say("Some text."), fault }) })
    expect(await filtered.step(go)).toMatchObject({ ok: true, incomplete: "content_filter" })
    await using refused = await rig(transport, {
      script: () => ({ items: [{ type: "refusal", text: "I won't." }] }),
    })
    expect(await refused.step(go)).toEqual({ ok: false, code: "model-refused", detail: "I won't." })
  })

  test("an empty answer is an answer without items", async () => {
    await using model = await rig(transport, { script: () => ({ items: [] }) })
    expect(await model.step(go)).toMatchObject({ ok: true, items: [], ttftMs: null })
  })

  test("malformed arguments reach the loop as they are", async () => {
    const raw = '{"command": "ls'
    await using model = await rig(transport, {
      script: () => ({
        items: [
          { type: "call", name: "shell", raw },
          { type: "call", name: "apply_patch", raw: "not json" },
        ],
      }),
    })
    expect(await model.step(go)).toMatchObject({
      ok: true,
      items: [
        { type: "function_call", name: "shell", arguments: raw },
        { type: "function_call", name: "apply_patch", arguments: "not json" },
      ],
    })
  })

  test("a model that is not there is unavailable", async () => {
    const model = await rig(transport, { script: () => say("Hi.") }, { attempts: 2 })
    await model.server.stop()
    expect(await model.step(go)).toMatchObject({ ok: false, code: "model-unavailable" })
    await model[Symbol.asyncDispose]()
  })
})
