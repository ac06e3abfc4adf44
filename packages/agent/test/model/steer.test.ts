import type { TranscriptItem } from "@twolane/protocol"
import { call, inOrder, type ModelOptions, type Reply, type Script, say } from "@twolane/testkit"
import { expect, test } from "vitest"
import type { ModelResult, ModelTransport } from "../../src/model/port.ts"
import type { ModelTiming } from "../../src/model/timing.ts"
import { asking, resultsOf, rig, user } from "./harness.ts"

const go = [user("Go.")]
const note = { key: "steer_1", item: user("Only the header.") }
const other = { key: "steer_2", item: user("And be brief.") }
const talk: Reply = { ...say("word ".repeat(400)), tokensPerSecond: 300 }
const patch: Reply = { ...call(["shell", { command: "x".repeat(400) }]), tokensPerSecond: 400 }

/** A session at work on its first step, which has said something; `seen` is what the model's script was given. */
const speaking = async (
  first: Reply,
  options: Partial<ModelOptions>,
  more: { transport?: ModelTransport; timing?: Partial<ModelTiming> } = {},
) => {
  const seen: (readonly TranscriptItem[])[] = []
  const play = inOrder(first, say("As you wish."), say("And on."))
  const script: Script = request => {
    seen.push(request.items)
    return play(request)
  }
  const model = await rig(more.transport ?? "websocket", { script, ...options }, more.timing)
  const spoke = Promise.withResolvers<void>()
  const step = model.session.step(asking(go), () => spoke.resolve(), new AbortController().signal)
  await spoke.promise
  return { model, step, seen, [Symbol.asyncDispose]: () => model[Symbol.asyncDispose]() }
}

const ok = (result: ModelResult): Extract<ModelResult, { ok: true }> => {
  if (!result.ok) throw new Error(result.detail)
  return result
}
const bodies = (model: { server: { requests: readonly { body: Record<string, unknown> }[] } }) =>
  model.server.requests.map(({ body }) => body)

test("a note that is taken ends the answer, and the next step is the answer that follows by itself", async () => {
  await using at = await speaking(talk, { steering: "native" })
  expect(await at.model.session.steer(note)).toBe(true)
  const first = ok(await at.step)
  expect(first).toMatchObject({ incomplete: "steered", taken: ["steer_1"] })
  expect(first.items).toMatchObject([{ type: "message", status: "incomplete" }])
  const context = [...go, ...first.items, note.item]
  const second = ok(await at.model.step(context))
  expect(second.items).toMatchObject([{ content: [{ text: "As you wish." }] }])
  expect(at.seen[1]).toEqual(context)
  expect(bodies(at.model)).toHaveLength(1)
  context.push(...second.items, user("More."))
  ok(await at.model.step(context))
  expect(bodies(at.model)[1]).toMatchObject({
    input: [user("More.")],
    previous_response_id: expect.any(String),
  })
  expect(at.seen[2]).toEqual(context)
  expect(at.model.server.upgrades()).toBe(1)
})

test("the conversation of a steered answer can be sent whole over SSE", async () => {
  await using at = await speaking(talk, { steering: "native" })
  await at.model.session.steer(note)
  const first = ok(await at.step)
  await using later = await rig("sse", { script: () => say("Fine.") })
  expect(await later.step([...go, ...first.items, note.item])).toMatchObject({ ok: true })
})

test("a note to an answer with a call waits for the call's result, and is not sent again", async () => {
  await using at = await speaking(patch, { steering: "native" })
  expect(await at.model.session.steer(note)).toBe(true)
  const first = ok(await at.step)
  expect(first.incomplete).toBeUndefined()
  expect(first.taken).toEqual(["steer_1"])
  const results = resultsOf(first.items)
  const context = [...go, ...first.items, note.item, ...results]
  ok(await at.model.step(context))
  expect(bodies(at.model)[1]).toMatchObject({ input: results })
  expect(at.seen[1]).toEqual(context)
  expect(at.model.server.upgrades()).toBe(1)
})

test("two notes quickly are taken in their order", async () => {
  await using at = await speaking(patch, { steering: "native" })
  expect(await Promise.all([note, other].map(one => at.model.session.steer(one)))).toEqual([true, true])
  const first = ok(await at.step)
  expect(first.taken).toEqual(["steer_1", "steer_2"])
  const context = [...go, ...first.items, note.item, other.item, ...resultsOf(first.items)]
  ok(await at.model.step(context))
  expect(at.seen[1]).toEqual(context)
})

test.each(["talk", "patch"])(
  "a conversation that does not go on with what the service holds is asked anew on another socket (%s)",
  async which => {
    await using at = await speaking(which === "talk" ? talk : patch, { steering: "native" })
    await at.model.session.steer(note)
    const first = ok(await at.step)
    const context = [...go, ...first.items, ...resultsOf(first.items), user("Something else.")]
    expect(await at.model.step(context)).toMatchObject({ ok: true })
    const last = at.model.server.requests.at(-1)
    expect(last?.body).toMatchObject({ input: context })
    expect(last?.body).not.toHaveProperty("previous_response_id")
    expect(last?.connection).toBe(2)
  },
)

test("a note that comes back uncommitted is in nobody's hands: the next step carries it", async () => {
  await using at = await speaking(talk, { steering: "uncommitted" })
  expect(await at.model.session.steer(note)).toBe(true)
  const first = ok(await at.step)
  const context = [...go, ...first.items, note.item]
  expect(await at.model.step(context)).toMatchObject({ ok: true })
  expect(at.seen.at(-1)).toEqual(context)
})

test.each(["refused", "unknown"] as const)(
  "steering that is %s leaves the answer alone, and is not tried again in this process",
  async steering => {
    await using at = await speaking({ ...talk, ...say("word ".repeat(100)) }, { steering })
    expect(await at.model.session.steer(note)).toBe(false)
    const first = ok(await at.step)
    expect(first).not.toHaveProperty("taken")
    expect(first).not.toHaveProperty("incomplete")
    const again = at.model.step([...go, ...first.items, note.item])
    expect(await at.model.session.steer(other)).toBe(false)
    expect(await again).toMatchObject({ ok: true })
    expect(at.model.server.upgrades()).toBe(1)
  },
)

test.each<ModelTransport>(["sse", "chat"])("over %s nothing can be steered", async transport => {
  await using at = await speaking(
    { ...talk, ...say("word ".repeat(20)) },
    { steering: "native" },
    { transport },
  )
  expect(await at.model.session.steer(note)).toBe(false)
  expect(await at.step).toMatchObject({ ok: true })
})

test("a socket that dies after a note was taken loses the note, and says so by not naming it", async () => {
  const cut: Reply = { ...patch, fault: { type: "drop", afterDeltas: 30 } }
  await using at = await speaking(cut, { steering: "native" })
  expect(await at.model.session.steer(note)).toBe(true)
  const first = ok(await at.step)
  expect(first).not.toHaveProperty("taken")
  expect(at.model.events).toEqual([])
  expect(at.seen[1]).toEqual(go)
})

test("a note whose fate is not told in time counts as refused, and its socket is given up", async () => {
  await using at = await speaking(patch, { steering: "silent" }, { timing: { steerMs: 20 } })
  expect(await at.model.session.steer(note)).toBe(false)
  const first = ok(await at.step)
  expect(first).not.toHaveProperty("taken")
  const context = [...go, ...first.items, ...resultsOf(first.items), note.item]
  ok(await at.model.step(context))
  expect(at.seen[1]).toEqual(context)
  expect(at.model.server.upgrades()).toBe(2)
})

test("an answer that was steered ends with the abort, and nothing of what follows it is heard", async () => {
  const stop = new AbortController()
  await using model = await rig("websocket", {
    script: inOrder(talk, talk, say("Again.")),
    steering: "native",
  })
  const spoke = Promise.withResolvers<void>()
  const step = model.session.step(asking(go), () => spoke.resolve(), stop.signal)
  await spoke.promise
  const taken = model.session.steer(note)
  stop.abort({ by: "user" })
  await expect(step).rejects.toEqual({ by: "user" })
  expect(await taken).toBe(false)
  expect(await model.step(go)).toMatchObject({ ok: true })
})

test("nobody can steer a session that is silent", async () => {
  await using model = await rig("auto", { script: () => say("Hi."), steering: "native" })
  expect(await model.session.steer(note)).toBe(false)
  await model.step(go)
  expect(await model.session.steer(note)).toBe(false)
})
