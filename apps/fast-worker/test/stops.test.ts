import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import type { Socket } from "node:net"
import { readMessages, sendMessage } from "@twolane/common/json-lines"
import { newId, type TaskState } from "@twolane/protocol"
import { openStore } from "@twolane/store"
import {
  type House,
  logOf,
  type ModelServer,
  makeLibrary,
  playing,
  register,
  say,
  startHouse,
  startModel,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ask, isType, only, taskOf } from "./lane.ts"

const by = { key: "key_test", name: "Ada" }

let stack: AsyncDisposableStack
let house: House
let model: ModelServer
let socketPath: string

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const talk = () => ({ ...say("word ".repeat(4_000)), tokensPerSecond: 300 })
  const brief = () => say("Yes.")
  model = stack.use(await startModel({ script: playing({ talk, brief }) }))
  house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 0, fastWorkers: 1 }))
  await register(house, "sums", stack.use(await makeLibrary()))
  await using store = await openStore({
    url: house.redis.url,
    secretKey: Buffer.alloc(32, 7).toString("base64url"),
    onError: error => {
      throw error
    },
  })
  const { doors } = await store.doors("fast", { team: "default", repo: "sums", state: null })
  socketPath = doors[0]?.ways.socket ?? ""
})
afterAll(() => stack.disposeAsync())

type Said = { id: number; task: TaskState | null }

/** A line to the worker, as a gateway has one. */
const openLine = async (): Promise<
  Disposable & { stop(wish: object): Promise<TaskState | null>; closed: Promise<unknown> }
> => {
  const sent = request({
    socketPath,
    path: "/stops",
    headers: { connection: "upgrade", upgrade: "twolane-stops" },
  })
  sent.end()
  const [, line] = (await once(sent, "upgrade")) as [IncomingMessage, Socket]
  const waiting = new Map<number, (task: TaskState | null) => void>()
  readMessages<Said>(line, ({ id, task }) => waiting.get(id)?.(task))
  return {
    stop: wish =>
      new Promise(resolve => {
        const id = waiting.size
        waiting.set(id, resolve)
        sendMessage(line, { id, ...wish })
      }),
    closed: once(line, "close"),
    [Symbol.dispose]: () => line.destroy(),
  }
}

test("a stop is answered with the task when its cancel is stored, and no text comes after it", async () => {
  await using stream = await ask(house, "[talk] explain")
  const task = taskOf(await stream.until(isType("message.delta")))
  using line = await openLine()
  const state = await line.stop({ team: "default", task, by })
  expect(state?.turns[0]?.cancel).toMatchObject({ by })
  // What was answered is in the log, whatever becomes of the worker now.
  expect((await logOf(house, task)).filter(({ type }) => type === "cancel.requested")).toMatchObject([{ by }])
  const messages = await stream.rest()
  const told = messages.findIndex(isType("cancel.requested"))
  expect(messages.slice(told).some(isType("message.delta"))).toBe(false)
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "canceled", by } }])
  // After it the model may read ahead, for the next turn.
  const asked = model.requests.findLast(({ body }) => !JSON.stringify(body).includes('"generate":false'))
  expect(await asked?.ended).toBe("cut")
})

test("two stops at once are one cancel", async () => {
  await using stream = await ask(house, "[talk] explain")
  const task = taskOf(await stream.until(isType("message.delta")))
  using line = await openLine()
  using other = await openLine()
  const both = await Promise.all([
    line.stop({ team: "default", task, by }),
    other.stop({ team: "default", task, by: { ...by, name: "Bo" } }),
  ])
  // They came over two connections: which one is first nobody promises.
  const requests = only(await stream.rest(), "cancel.requested")
  expect([[{ by }], [{ by: { ...by, name: "Bo" } }]]).toContainEqual(
    requests.map(request => ({ by: request.by })),
  )
  const [first] = requests
  expect(both.map(state => state?.turns[0]?.cancel?.by)).toEqual([first?.by, first?.by])
})

test("a stop of what does not run here is refused and changes nothing: the interrupt goes by Redis then", async () => {
  await using stream = await ask(house, "[brief] is it right?", { test: "none" })
  const messages = await stream.rest()
  const task = taskOf(messages)
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
  using line = await openLine()
  expect(await line.stop({ team: "default", task, by })).toBe(null)
  expect(await line.stop({ team: "default", task: newId("task"), by })).toBe(null)
  expect((await logOf(house, task)).some(({ type }) => type === "cancel.requested")).toBe(false)
})

test("a running turn is not stopped for another team, and what is no wish ends the line", async () => {
  await using stream = await ask(house, "[talk] explain")
  const task = taskOf(await stream.until(isType("message.delta")))
  for (const wish of [
    { team: "default", task },
    { team: "default", task, by, all: true },
  ]) {
    using line = await openLine()
    void line.stop(wish)
    await line.closed
  }
  using line = await openLine()
  expect(await line.stop({ team: "other", task, by })).toBe(null)
  expect((await logOf(house, task)).some(({ type }) => type === "cancel.requested")).toBe(false)
  expect(await line.stop({ team: "default", task, by })).not.toBe(null)
  await stream.rest()
})

test("a connection becomes a line for interrupts and for nothing else", async () => {
  for (const asked of [
    { path: "/stops", headers: { connection: "upgrade", upgrade: "websocket" } },
    { path: "/turns", headers: { connection: "upgrade", upgrade: "twolane-stops" } },
    { path: "/stops" },
  ]) {
    const sent = request({ socketPath, ...asked })
    sent.end()
    const [answer] = (await once(sent, "response")) as [IncomingMessage]
    expect(answer.statusCode).toBe(404)
    answer.resume()
    await once(answer, "end")
  }
})
