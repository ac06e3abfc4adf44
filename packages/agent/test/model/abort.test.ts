import { inOrder, say } from "@twolane/testkit"
import { describe, expect, test } from "vitest"
import type { ModelTransport } from "../../src/model/port.ts"
import { rig, user } from "./harness.ts"

const go = [user("Go.")]
const slow = { ...say("word ".repeat(2_000)), tokensPerSecond: 500 }
const reason = { by: "user" as const }

describe.each<ModelTransport>(["websocket", "sse", "chat"])("over %s", transport => {
  test("an abort in mid-stream rejects with its reason, closes upstream at once, and nothing stale arrives", async () => {
    await using model = await rig(transport, { script: () => slow })
    const abort = new AbortController()
    const asked = model.server.nextRequest()
    const spoke = Promise.withResolvers<void>()
    const step = model.session.step(
      { instructions: "", context: go, tools: [] },
      event => {
        model.events.push(event)
        spoke.resolve()
      },
      abort.signal,
    )
    await spoke.promise
    const request = await asked
    abort.abort(reason)
    const heard = model.events.length
    await expect(step).rejects.toBe(reason)
    expect(await request.ended).toBe("cut")
    expect(model.events).toHaveLength(heard)
  })

  test("after an abort the session can be used again", async () => {
    await using model = await rig(transport, { script: inOrder(slow, say("Again.")) })
    const abort = new AbortController()
    const asked = model.server.nextRequest()
    const step = model.step(go, abort.signal)
    step.catch(() => {}) // expected below
    await asked
    abort.abort(reason)
    await expect(step).rejects.toBe(reason)
    expect(await model.step(go)).toMatchObject({ ok: true })
  })

  test("an abort while waiting to try again ends the wait", async () => {
    const fault = { type: "status", status: 429, retryAfterSeconds: 30 } as const
    await using model = await rig(transport, { script: () => ({ items: [], fault }) })
    const abort = new AbortController()
    const step = model.session.step(
      { instructions: "", context: go, tools: [] },
      event => void (event.type === "retry" && abort.abort(reason)),
      abort.signal,
    )
    await expect(step).rejects.toBe(reason)
  })

  test("an aborted signal asks nothing", async () => {
    await using model = await rig(transport, { script: () => say("Hi.") })
    await expect(model.step(go, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(model.server.requests).toEqual([])
  })
})

test("closing a session closes its socket", async () => {
  const model = await rig("websocket", { script: () => say("Hi.") })
  await model.step(go)
  expect(model.server.connections()).toBe(1)
  await model.session[Symbol.asyncDispose]()
  await expect.poll(() => model.server.connections()).toBe(0)
  await model.server.stop()
})
