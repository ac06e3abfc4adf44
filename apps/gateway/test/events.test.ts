import { once } from "node:events"
import { connect } from "node:net"
import type { NewEvent, TaskEvent } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { afterAll, beforeAll, expect, test } from "vitest"
import { apiKey, type OpenGateway, openGateway, untilStopped } from "./open-gateway.ts"
import { type ReadStream, readStream } from "./read-stream.ts"

const authorization = `Bearer ${apiKey}`
let gateway: OpenGateway
let claimed: (attempt: Attempt) => void = () => {}
beforeAll(async () => {
  gateway = await openGateway({ timing: { heartbeatMs: 100, stallMs: 300 } })
  await gateway.work(async attempt => {
    claimed(attempt)
    await untilStopped(attempt)
  }, 20)
})
afterAll(() => gateway[Symbol.asyncDispose]())

const running = async (): Promise<{ id: string; attempt: Attempt }> => {
  const working = new Promise<Attempt>(resolve => {
    claimed = resolve
  })
  const { id } = await gateway.submit()
  return { id, attempt: await working }
}
const follow = (task: string, more = "", headers = {}): Promise<ReadStream> =>
  readStream(`${gateway.url}/v1/tasks/${task}/events${more}`, { authorization, ...headers })
const idsOf = (stream: ReadStream) => stream.messages.flatMap(({ id }) => (id === undefined ? [] : [id]))
const typesOf = (stream: ReadStream) =>
  stream.messages.map(({ data }) => (JSON.parse(data) as TaskEvent).type)
const message = (attempt: Attempt, text: string): NewEvent => ({
  type: "message.done",
  text,
  turn: attempt.turn,
  at: attempt.now(),
})

const openStreams = async (): Promise<number> => {
  const { text } = await gateway.call("GET", "/metrics")
  return Number(/twolane_event_streams\{kind="task"\} (\d+)/.exec(text)?.[1])
}

test("a stream gives the log, then what happens with live text, and ends with the last turn", async () => {
  const { id, attempt } = await running()
  await using stream = await follow(id)
  expect([stream.status, stream.headers.get("content-type")]).toEqual([
    200,
    "text/event-stream; charset=utf-8",
  ])
  await stream.until(() => stream.messages.length === 3)
  attempt.delta({ type: "message.delta", text: "hel" })
  await stream.until(() => stream.messages.length === 4)
  await attempt.write([message(attempt, "hello")])
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  await stream.ended
  expect(typesOf(stream)).toEqual([
    "task.created",
    "turn.queued",
    "turn.started",
    "message.delta",
    "message.done",
    "cancel.requested",
    "cancel.confirmed",
    "turn.ended",
  ])
  expect(stream.messages[3]).toMatchObject({ id: undefined, event: undefined })
  expect(idsOf(stream)).toEqual(["0-1", "0-2", "1-1", "1-2", "1-3", "1-4", "1-5"])
  const logged = await gateway.call("GET", `/v1/tasks/${id}/events`)
  const events = stream.messages
    .filter(({ id: event }) => event !== undefined)
    .map(({ data }) => JSON.parse(data))
  expect(events).toEqual((logged.body as { items: unknown[] }).items)
})

test("a reader that comes back goes on after its last event, also after the gateway began to send", async () => {
  const { id, attempt } = await running()
  {
    await using first = await follow(id)
    await first.until(() => first.messages.length === 3)
  }
  await attempt.write([message(attempt, "while nobody looked")])
  await using second = await follow(id, "?after=0-1", { "last-event-id": "1-1" })
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  await second.ended
  expect(idsOf(second)).toEqual(["1-2", "1-3", "1-4", "1-5"])
  await using third = await follow(id, "?after=1-3")
  await third.ended
  expect(idsOf(third)).toEqual(["1-4", "1-5"])
  // An EventSource comes back for ever unless it is told that nothing more will come.
  await using fourth = await follow(id, "", { "last-event-id": "1-5" })
  expect([fourth.status, fourth.messages]).toEqual([204, []])
})

test("follow=always goes on after the last turn's end, into the next turn", async () => {
  const { id } = await running()
  await using stream = await follow(id, "?follow=always")
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  await stream.until(() => typesOf(stream).includes("turn.ended"))
  await gateway.call("POST", "/v1/queue/pause")
  await gateway.call("POST", `/v1/tasks/${id}/turns`, { prompt: "more" })
  await stream.until(() => typesOf(stream).filter(type => type === "turn.queued").length === 2)
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  await stream.until(() => typesOf(stream).filter(type => type === "turn.ended").length === 2)
  await gateway.call("POST", "/v1/queue/resume")
  expect(idsOf(stream)).toHaveLength(10)
})

test("a stream goes on over the end of a turn while another one waits", async () => {
  const { id } = await running()
  await using stream = await follow(id)
  await gateway.call("POST", `/v1/tasks/${id}/turns`, { prompt: "and this" })
  await gateway.call("POST", `/v1/tasks/${id}/interrupt`)
  await stream.until(() => typesOf(stream).filter(type => type === "turn.started").length === 2)
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  await stream.ended
  expect(typesOf(stream).filter(type => type === "turn.ended")).toHaveLength(2)
})

test("a quiet stream has a heartbeat", async () => {
  const { id } = await running()
  await using stream = await follow(id)
  await stream.until(() => stream.comments.length >= 3)
  expect(stream.messages).toHaveLength(3)
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
})

test("a reader that never reads is dropped, and can resume", async () => {
  const { id, attempt } = await running()
  const { port, hostname } = new URL(gateway.url)
  const socket = connect({ port: Number(port), host: hostname })
  socket.pause()
  const head = `GET /v1/tasks/${id}/events HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: ${authorization}\r\n\r\n`
  await new Promise<void>(resolve => socket.write(head, () => resolve()))
  await using healthy = await follow(id)
  const text = "x".repeat(200_000)
  for (let count = 0; count < 60; count += 1) await attempt.write([message(attempt, text)])
  await healthy.until(() => healthy.messages.length === 63)
  // Only what lay in the kernel's buffers still comes; then the connection is gone.
  const gone = once(socket, "close")
  let received = 0
  socket.on("data", data => {
    received += data.length
  })
  socket.on("error", () => {})
  // The healthy one alone is left.
  while ((await openStreams()) > 1) await new Promise(setImmediate)
  socket.resume()
  await gone
  expect(received).toBeLessThan(60 * text.length)
  await using resumed = await follow(id, "?after=1-60")
  await resumed.until(() => resumed.messages.length === 1)
  expect(idsOf(resumed)).toEqual(["1-61"])
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
})

test("the team's stream has every event with a cursor of its own, and resumes", async () => {
  await using stream = await readStream(`${gateway.url}/v1/events`, { authorization })
  await stream.until(() => stream.comments.length > 0)
  const { id } = await running()
  const events = () =>
    stream.messages
      .map(({ data, id: cursor }) => ({ cursor, event: JSON.parse(data) as TaskEvent }))
      .filter(({ event }) => event.task === id)
  await stream.until(() => events().length === 3)
  expect(events().map(({ event }) => event.type)).toEqual(["task.created", "turn.queued", "turn.started"])
  const after = events()[0]?.cursor ?? ""
  await using resumed = await readStream(`${gateway.url}/v1/events?after=${after}`, { authorization })
  const again = () =>
    resumed.messages.map(({ data }) => JSON.parse(data) as TaskEvent).filter(({ task }) => task === id)
  await resumed.until(() => again().length === 2)
  expect(again().map(event => event.type)).toEqual(["turn.queued", "turn.started"])
  await using old = await readStream(`${gateway.url}/v1/events?after=1-1`, { authorization })
  await old.until(() => old.messages.length > 0)
  expect(old.messages[0]).toEqual({ event: "reset", data: "{}", id: undefined })
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
})

test("a cursor that is none of ours is refused", async () => {
  const { id } = await gateway.submit()
  for (const path of [`/v1/tasks/${id}/events?after=x`, "/v1/events?after=x", "/v1/tasks?cursor=x"]) {
    const { status, body } = await gateway.call("GET", path)
    expect([path, status, body]).toMatchObject([path, 400, { code: "bad-cursor" }])
  }
  const header = await gateway.call("GET", `/v1/tasks/${id}/events`, undefined, { "last-event-id": "1_1" })
  expect(header.body).toMatchObject({ code: "bad-cursor" })
  const both = await gateway.call("GET", `/v1/tasks/${id}/events?after=0-1&cursor=0-1`)
  expect(both.body).toMatchObject({ code: "invalid", errors: [{ path: "cursor" }] })
  const unknown = await gateway.call("GET", `/v1/tasks/${"task_"}${"0".repeat(26)}/events`)
  expect([unknown.status, unknown.body]).toMatchObject([404, { code: "not-found" }])
})
