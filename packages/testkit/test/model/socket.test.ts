import { expect, test } from "vitest"
import { call, inOrder, type ScriptRequest, say } from "../../src/model/script.ts"
import { startModel } from "../../src/model/start-model.ts"
import { connect, type Wire } from "./client.ts"

const create = (rest: object = {}) => ({
  type: "response.create",
  model: "m",
  store: false,
  input: "Go.",
  ...rest,
})
const idOf = (event: Wire | undefined): unknown => (event?.response as Wire | undefined)?.id
const slow = { ...say("word ".repeat(100)), tokensPerSecond: 200 }

test("a socket continues its own responses, and another socket does not know them", async () => {
  const seen: ScriptRequest[] = []
  await using server = await startModel({
    script: request => {
      seen.push(request)
      return say("Hi.")
    },
  })
  await using line = await connect(server)
  line.send(create())
  const first = await line.until("response.completed")
  const parent = idOf(first.at(-1))
  line.send(create({ input: "More.", previous_response_id: parent }))
  await line.until("response.completed")
  expect(seen[1]?.items).toHaveLength(3)
  await using other = await connect(server)
  other.send(create({ previous_response_id: parent }))
  expect(await other.next()).toMatchObject({
    type: "error",
    status: 400,
    error: { code: "previous_response_not_found" },
  })
})

test("generate: false warms up without the script, and its id is a valid parent", async () => {
  let asked = 0
  await using server = await startModel({
    script: () => {
      asked += 1
      return say("Hi.")
    },
  })
  await using line = await connect(server)
  line.send(create({ generate: false }))
  const events = await line.until("response.completed")
  expect(events.map(event => event.type)).toEqual([
    "response.created",
    "response.in_progress",
    "response.completed",
  ])
  expect(asked).toBe(0)
  const parent = idOf(events.at(-1))
  line.send(create({ previous_response_id: parent, input: [] }))
  await line.until("response.completed")
  expect(asked).toBe(1)
})

test("streams are told apart by stream_id: one after another within one, side by side between two", async () => {
  const replies = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  await using server = await startModel({
    script: async request => {
      if (JSON.stringify(request.items).includes("wait")) await replies[0]?.promise
      return say("Hi.")
    },
  })
  await using line = await connect(server)
  line.send(create({ stream_id: "a", input: "wait" }))
  line.send(create({ stream_id: "a", input: "behind" }))
  line.send(create({ stream_id: "b" }))
  const done = (event: { type?: string }) => event.type === "response.completed"
  expect((await line.next(done)).stream_id).toBe("b")
  replies[0]?.resolve()
  expect((await line.next(done)).stream_id).toBe("a")
  expect((await line.next(done)).stream_id).toBe("a")
})

test("a seventeenth request at once is refused", async () => {
  const gate = Promise.withResolvers<ReturnType<typeof say>>()
  await using server = await startModel({ script: () => gate.promise })
  await using line = await connect(server)
  for (let at = 0; at < 17; at += 1) line.send(create({ stream_id: `s${at}` }))
  expect(await line.next()).toMatchObject({ type: "error", stream_id: "s16", status: 429 })
  gate.resolve(say("Hi."))
})

test("malformed events are answered with an error, and the socket goes on", async () => {
  await using server = await startModel({ script: () => say("Hi.") })
  await using line = await connect(server)
  line.send({ type: "response.cancel" })
  expect(await line.next()).toMatchObject({ type: "error", status: 400, error: { param: "type" } })
  line.send({ type: "response.create" })
  expect(await line.next()).toMatchObject({ type: "error", error: { code: "missing_required_parameter" } })
  line.send(create())
  expect((await line.until("response.completed")).at(-1)?.type).toBe("response.completed")
})

test("a steered message ends at once as incomplete, and its successor follows with the input", async () => {
  const seen: ScriptRequest[] = []
  await using server = await startModel({
    steering: "native",
    script: request => {
      seen.push(request)
      return seen.length === 1 ? slow : say("Steered.")
    },
  })
  await using line = await connect(server)
  line.send(create())
  const { response } = (await line.next(event => event.type === "response.created")) as {
    response: { id: string }
  }
  await line.next(event => event.type === "response.output_text.delta")
  line.send({ type: "response.steer", previous_response_id: response.id, input: "Stop." })
  await line.next(event => event.type === "response.steer.accepted")
  const end = await line.next(event => event.type === "response.incomplete")
  expect(end.response).toMatchObject({ incomplete_details: { reason: "steered" } })
  const next = await line.next(event => event.type === "response.completed")
  expect(next.response).toMatchObject({ previous_response_id: response.id })
  expect(seen[1]?.items.at(-1)).toMatchObject({ role: "user", content: "Stop." })
})

test("steering that meets tool calls is pending until their results are sent", async () => {
  const seen: ScriptRequest[] = []
  await using server = await startModel({
    steering: "native",
    script: request => {
      seen.push(request)
      return seen.length === 1
        ? { ...call(["shell", { command: "x".repeat(200) }]), tokensPerSecond: 200 }
        : say("Done.")
    },
  })
  await using line = await connect(server)
  line.send(create())
  const { response } = (await line.next(event => event.type === "response.created")) as {
    response: { id: string }
  }
  line.send({ type: "response.steer", previous_response_id: response.id, input: "Hurry." })
  const pending = await line.next(event => event.type === "response.steer.pending")
  const [owed] = pending.required_input as object[]
  expect(owed).toEqual({ type: "function_call_output", call_id: expect.any(String), name: "shell" })
  await line.next(event => event.type === "response.completed")
  line.send(create({ previous_response_id: response.id, input: [{ ...owed, output: "ok" }] }))
  await line.next(event => event.type === "response.completed")
  expect(seen[1]?.items.slice(-2)).toMatchObject([{ content: "Hurry." }, { type: "function_call_output" }])
})

test("steering is refused by a model without it, and for a response that does not run", async () => {
  await using plain = await startModel({ script: () => say("Hi.") })
  await using line = await connect(plain)
  const steer = { type: "response.steer", previous_response_id: "resp_x", input: "Stop." }
  line.send(steer)
  expect(await line.next()).toMatchObject({
    type: "response.steer.failed",
    error: { code: "steering_not_supported" },
  })
  await using steered = await startModel({ script: () => say("Hi."), steering: "native" })
  await using other = await connect(steered)
  other.send(steer)
  expect(await other.next()).toMatchObject({
    error: { code: "response_not_found" },
    steer: { input: "Stop." },
  })
  other.send(create())
  const over = idOf((await other.until("response.completed")).at(-1))
  other.send({ ...steer, previous_response_id: over })
  expect(await other.next()).toMatchObject({ error: { code: "response_already_completed" } })
})

test("a server that does not know steering answers its event with an error, and the response goes on", async () => {
  await using server = await startModel({ steering: "unknown", script: () => slow })
  await using line = await connect(server)
  line.send(create())
  const started = await line.next(event => event.type === "response.created")
  line.send({ type: "response.steer", previous_response_id: idOf(started), input: "Stop." })
  const refusal = await line.next(event => event.type === "error")
  expect(refusal).toMatchObject({ status: 400, error: { param: "type" } })
  expect((await line.until("response.completed")).at(-1)).toMatchObject({ type: "response.completed" })
})

test("input that was accepted and can't be committed comes back with its id", async () => {
  await using server = await startModel({ steering: "uncommitted", script: () => slow })
  await using line = await connect(server)
  line.send(create())
  const started = await line.next(event => event.type === "response.created")
  await line.next(event => event.type === "response.output_text.delta")
  line.send({ type: "response.steer", previous_response_id: idOf(started), input: "Stop." })
  const accepted = await line.next(event => event.type === "response.steer.accepted")
  await line.until("response.incomplete")
  expect(await line.next()).toMatchObject({
    type: "response.steer.failed",
    error: { code: "successor_creation_failed" },
    steer: { id: (accepted.steer as Wire).id, input: "Stop." },
  })
})

test("a connection ends at its age limit with the reason", async () => {
  await using server = await startModel({ script: inOrder(), connectionMs: 20 })
  await using line = await connect(server)
  expect(await line.next()).toMatchObject({ error: { code: "websocket_connection_limit_reached" } })
  await line.closed
})

test("a request whose socket goes away is marked as cut", async () => {
  await using server = await startModel({ script: () => slow })
  const line = await connect(server)
  const request = server.nextRequest()
  line.send(create())
  await line.next(event => event.type === "response.output_text.delta")
  await line[Symbol.asyncDispose]()
  expect(await (await request).ended).toBe("cut")
})
