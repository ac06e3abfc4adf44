import type { ServerResponse } from "node:http"
import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import {
  ended,
  eventOf,
  handoff,
  json,
  messageText,
  problemDocument,
  started,
  stream,
} from "@twolane/testkit/gateway-double"
import { expect, test } from "vitest"
import { ClientProblem, Unreachable } from "../src/index.ts"
import { startDouble } from "./start-double.ts"

const input = { repo: "shop", prompt: "mend sum", lane: "fast" as const }
const succeeded = { status: "succeeded" as const }
const handedOff = { status: "handed_off" as const }
const said = (id: string, text: string) => eventOf(id, { type: "message.done", text })

const all = async (events: AsyncIterable<TaskEvent | TaskDelta>): Promise<unknown[]> => {
  const seen: unknown[] = []
  for await (const event of events) seen.push("id" in event ? event.id : event.type)
  return seen
}

test("a fast turn's answer is its stream: events and live text, to its end", async () => {
  const events = [messageText("He"), started("1-1"), messageText("llo"), ended("1-2", succeeded)]
  await using double = await startDouble(stream(events, "open"))
  expect(await all(double.client.streamTask(input, { idempotencyKey: "key" }))).toEqual([
    "message.delta",
    "1-1",
    "message.delta",
    "1-2",
  ])
  expect(double.calls).toMatchObject([
    {
      method: "POST",
      url: "/v1/tasks",
      headers: { accept: "text/event-stream", "idempotency-key": "key", authorization: "Bearer k" },
      body: input,
    },
  ])
})

test("a stream that breaks after its task is known is gone on with, each event once", async () => {
  await using double = await startDouble(
    stream([messageText("He"), started("1-1")], "broken"),
    stream([said("1-2", "Hello"), ended("1-3", succeeded)], "open"),
  )
  expect(await all(double.client.streamTask(input))).toEqual(["message.delta", "1-1", "1-2", "1-3"])
  expect(double.calls[1]).toMatchObject({
    method: "GET",
    url: "/v1/tasks/task_1/events",
    headers: { "last-event-id": "1-1" },
  })
})

test("a gateway that is gone for longer than one call's tries is waited for, as long as the patience lasts", async () => {
  const broken = stream([started("1-1")], "broken")
  const gone = (response: ServerResponse) => void response.destroy()
  await using back = await startDouble(
    broken,
    ...Array.from({ length: 4 }, () => gone),
    stream([ended("1-2", succeeded)], "open"),
  )
  expect(await all(back.client.streamTask(input))).toEqual(["1-1", "1-2"])
  await using lost = await startDouble(broken, ...Array.from({ length: 9 }, () => gone))
  await expect(all(lost.client.streamTask(input, { patienceMs: 0 }))).rejects.toBeInstanceOf(Unreachable)
})

test("a stream that breaks before its task is known is an error, and is not sent again", async () => {
  await using double = await startDouble(stream([messageText("He")], "broken"))
  await expect(all(double.client.streamTask(input))).rejects.toBeInstanceOf(Unreachable)
  await using empty = await startDouble(stream([], "well"))
  await expect(all(empty.client.streamTask(input))).rejects.toBeInstanceOf(Unreachable)
  expect(double.calls.length + empty.calls.length).toBe(2)
})

test("a turn that was handed off goes on with the one it was handed to", async () => {
  await using double = await startDouble(
    stream([started("1-1"), ended("1-2", handedOff)], "well"),
    stream([handoff("1-3"), started("2-1", "turn_2"), ended("2-2", succeeded, "turn_2")], "open"),
  )
  expect(await all(double.client.streamTask(input))).toEqual(["1-1", "1-2", "1-3", "2-1", "2-2"])
  await using early = await startDouble(
    stream([started("1-1"), handoff("1-2"), ended("1-3", handedOff)], "well"),
    stream([started("2-1", "turn_2"), ended("2-2", succeeded, "turn_2")], "open"),
  )
  expect(await all(early.client.streamTask(input))).toEqual(["1-1", "1-2", "1-3", "2-1", "2-2"])
  await using quiet = await startDouble(
    stream([started("1-1"), ended("1-3", handedOff)], "well"),
    stream([started("2-1", "turn_2"), ended("2-2", succeeded, "turn_2")], "open"),
  )
  expect(await all(quiet.client.streamTask(input))).toEqual(["1-1", "1-3", "2-1", "2-2"])
})

test("a further turn of another person does not keep the stream open", async () => {
  const events = [started("1-1"), started("1-2", "turn_9"), ended("1-3", succeeded)]
  await using double = await startDouble(stream(events, "open"))
  expect(await all(double.client.streamTurn("task_1", { prompt: "and?" }))).toEqual(["1-1", "1-2", "1-3"])
  expect(double.calls[0]?.url).toBe("/v1/tasks/task_1/turns")
})

test("a turn that is queued instead of streamed is followed from where the caller was", async () => {
  await using double = await startDouble(
    json(202, { id: "task_1", turns: [{ id: "turn_1" }, { id: "turn_2" }] }),
    stream([ended("1-5", succeeded), ended("2-2", succeeded, "turn_2")], "open"),
  )
  const turn = { prompt: "go on", lane: "deep" as const }
  expect(await all(double.client.streamTurn("task_1", turn, { after: "1-4" }))).toEqual(["1-5", "2-2"])
  expect(double.calls[1]?.headers["last-event-id"]).toBe("1-4")
})

test("a refusal is thrown with its document, also when it comes in the stream", async () => {
  const full = problemDocument("lane-full", 429, true)
  await using refused = await startDouble(json(429, full))
  const error = await all(refused.client.streamTask(input)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ClientProblem)
  expect(error).toMatchObject({ code: "lane-full", problem: full })
  await using gone = await startDouble(
    stream([messageText("He"), { problem: problemDocument("store-unavailable", 503, true) }]),
  )
  await expect(all(gone.client.streamTask(input))).rejects.toMatchObject({ code: "store-unavailable" })
})

test("a problem in the midst of a known turn is gone on after when it may pass, and thrown otherwise", async () => {
  await using passing = await startDouble(
    stream([started("1-1"), { problem: problemDocument("internal", 500, true) }]),
    stream([started("2-1"), ended("2-2", succeeded)], "open"),
  )
  expect(await all(passing.client.streamTask(input))).toEqual(["1-1", "2-1", "2-2"])
  await using lasting = await startDouble(
    stream([started("1-1"), { problem: problemDocument("forbidden", 403, false) }]),
  )
  await expect(all(lasting.client.streamTask(input))).rejects.toMatchObject({ code: "forbidden" })
})

test("a reader that leaves closes the connection, and its signal ends the stream quietly", async () => {
  const closed = Promise.withResolvers<void>()
  await using double = await startDouble((response, call) => {
    response.on("close", closed.resolve)
    stream([started("1-1")], "open")(response, call)
  })
  const stop = new AbortController()
  const seen: string[] = []
  const wish = { signal: stop.signal, onDisconnect: "continue" as const }
  for await (const event of double.client.streamTask(input, wish)) {
    seen.push(event.type)
    setImmediate(() => stop.abort())
  }
  await closed.promise
  expect(seen).toEqual(["turn.started"])
  expect(double.calls[0]?.url).toBe("/v1/tasks?onDisconnect=continue")
})
