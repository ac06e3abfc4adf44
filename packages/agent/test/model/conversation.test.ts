import { call, inOrder, type RecordedRequest, type Script, say } from "@twolane/testkit"
import { expect, test } from "vitest"
import type { ModelTransport } from "../../src/model/port.ts"
import { heard, resultsOf, rig, user } from "./harness.ts"

const patch = '*** Begin Patch\n*** Add File: a "b" \u{1F600}.txt\n+\\hi\n*** End Patch'
const script = (): Script =>
  inOrder(
    {
      items: [
        { type: "reasoning" },
        { type: "message", text: "I look." },
        ...call(["shell", { command: "ls" }]).items,
      ],
    },
    call(["apply_patch", patch], ["shell", { command: "cat a" }]),
    say("Done."),
  )

const inputOf = (request: RecordedRequest | undefined) => request?.body.input as { type: string }[]

test.each<ModelTransport>(["websocket", "sse", "chat", "auto"])(
  "over %s a conversation of three steps arrives whole, and deltas as they are said",
  async transport => {
    await using model = await rig(transport, { script: script(), apiKey: "secret" })
    const context = [user("Go.")]
    const first = await model.step(context)
    if (!first.ok) throw new Error(first.detail)
    context.push(...first.items, ...resultsOf(first.items))
    const second = await model.step(context)
    if (!second.ok) throw new Error(second.detail)
    context.push(...second.items, ...resultsOf(second.items))
    const third = await model.step(context)

    expect(second.items).toMatchObject([
      { type: "custom_tool_call", name: "apply_patch", input: patch },
      { type: "function_call", name: "shell", arguments: '{"command":"cat a"}' },
    ])
    expect(third).toMatchObject({ ok: true, items: [{ type: "message", role: "assistant" }] })
    expect(heard(model.events)).toEqual([
      "text I look.",
      'tool shell {"command":"ls"}',
      `tool apply_patch ${patch}`,
      'tool shell {"command":"cat a"}',
      "text Done.",
    ])
    const items = model.events.flatMap(event => (event.type === "item" ? [event.item] : []))
    expect(items).toEqual([...first.items, ...second.items, ...(third.ok ? third.items : [])])
    expect(first.ttftMs).toBeGreaterThan(0)
    expect(first.durationMs).toBeGreaterThanOrEqual(first.ttftMs ?? 0)
    expect(first.usage.inputTokens).toBeGreaterThan(0)
    expect(first.usage.outputTokens).toBeGreaterThan(0)
  },
)

test("over a WebSocket each step sends only what is new, and names the response before it", async () => {
  await using model = await rig("websocket", { script: script() })
  const context = [user("Go.")]
  for (const _ of [1, 2]) {
    const result = await model.step(context)
    if (!result.ok) throw new Error(result.detail)
    context.push(...result.items, ...resultsOf(result.items))
  }
  await model.step(context)
  const { requests } = model.server
  expect(requests.map(request => inputOf(request).map(item => item.type))).toEqual([
    ["message"],
    ["function_call_output"],
    ["custom_tool_call_output", "function_call_output"],
  ])
  expect(
    requests.map(({ connection, body }) => [connection, body.store, body.include, body.instructions]),
  ).toEqual(requests.map(() => [1, false, ["reasoning.encrypted_content"], "Be brief."]))
  expect(requests[0]?.body).not.toHaveProperty("previous_response_id")
  expect(requests[1]?.body.previous_response_id).not.toBe(requests[2]?.body.previous_response_id)
})

test("over SSE each step sends the whole conversation, the encrypted reasoning included", async () => {
  await using model = await rig("sse", { script: script() })
  const context = [user("Go.")]
  const result = await model.step(context)
  if (!result.ok) throw new Error(result.detail)
  context.push(...result.items, ...resultsOf(result.items))
  await model.step(context)
  expect(inputOf(model.server.requests[1])).toEqual(context)
  expect(context[1]).toMatchObject({ type: "reasoning", encrypted_content: expect.any(String) })
  expect(model.server.requests[1]?.body).toMatchObject({ stream: true, store: false })
})

test("a shortened context is sent whole on the same socket", async () => {
  await using model = await rig("websocket", { script: script() })
  const first = await model.step([user("A long story."), user("Go.")])
  if (!first.ok) throw new Error(first.detail)
  const shorter = [user("Go."), ...first.items, ...resultsOf(first.items)]
  expect(await model.step(shorter)).toMatchObject({ ok: true })
  const second = model.server.requests[1]
  expect(second?.connection).toBe(1)
  expect(second?.body).not.toHaveProperty("previous_response_id")
  expect(inputOf(second)).toEqual(shorter)
})

test("after its socket was cut between two steps, the next one connects again and sends all", async () => {
  await using model = await rig("websocket", { script: script() })
  const context = [user("Go.")]
  const first = await model.step(context)
  if (!first.ok) throw new Error(first.detail)
  context.push(...first.items, ...resultsOf(first.items))
  model.server.dropConnections()
  expect(await model.step(context)).toMatchObject({ ok: true })
  const last = model.server.requests.at(-1)
  expect(last?.connection).toBe(2)
  expect(inputOf(last)).toEqual(context)
})

test("a response that the service forgot costs one whole resend and no retry", async () => {
  const answers = inOrder(
    call(["shell", { command: "ls" }]),
    { items: [], fault: { type: "status", status: 400, code: "previous_response_not_found" } },
    say("Done."),
  )
  await using model = await rig("websocket", { script: answers })
  const context = [user("Go.")]
  const first = await model.step(context)
  if (!first.ok) throw new Error(first.detail)
  context.push(...first.items, ...resultsOf(first.items))
  expect(await model.step(context)).toMatchObject({ ok: true })
  expect(heard(model.events)).toEqual(['tool shell {"command":"ls"}', "text Done."])
  expect(model.server.requests.map(({ body }) => "previous_response_id" in body)).toEqual([
    false,
    true,
    false,
  ])
  expect(inputOf(model.server.requests[2])).toEqual(context)
})

test("a socket at its age limit is replaced, in silence before it or by a retry when the service closes it", async () => {
  await using aged = await rig("websocket", { script: () => say("Hi.") }, { socketAgeMs: 0 })
  const context = [user("Go.")]
  for (const _ of [1, 2]) expect(await aged.step(context)).toMatchObject({ ok: true })
  expect(aged.server.requests.map(request => request.connection)).toEqual([1, 2])

  let late = true
  await using closed = await rig("websocket", {
    // The next socket is given as long: it must not be too old before it has answered.
    connectionMs: 2_000,
    script: () => {
      const fault = late ? ({ type: "hang", afterDeltas: 0 } as const) : undefined
      late = false
      return { ...say("Hi."), ...(fault === undefined ? {} : { fault }) }
    },
  })
  expect(await closed.step(context)).toMatchObject({ ok: true })
  expect(closed.events.filter(event => event.type === "retry")).toHaveLength(1)
})
