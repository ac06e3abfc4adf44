import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import { json } from "node:stream/consumers"
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

/** Says to the worker what a gateway says to it. */
const stop = async (wish: unknown): Promise<{ status: number | undefined; body: unknown }> => {
  const sent = request({ socketPath, method: "POST", path: "/stops" })
  const answered = once(sent, "response") as Promise<[IncomingMessage]>
  sent.end(JSON.stringify(wish))
  const [answer] = await answered
  return { status: answer.statusCode, body: await json(answer) }
}

test("a stop is answered with the task when its cancel is stored, and no text comes after it", async () => {
  await using stream = await ask(house, "[talk] explain")
  const task = taskOf(await stream.until(isType("message.delta")))
  const { status, body } = await stop({ team: "default", task, by })
  expect(status).toBe(200)
  expect((body as TaskState).turns[0]?.cancel).toMatchObject({ by })
  // What was answered is in the log, whatever becomes of the worker now.
  expect((await logOf(house, task)).filter(({ type }) => type === "cancel.requested")).toMatchObject([{ by }])
  const messages = await stream.rest()
  const told = messages.findIndex(isType("cancel.requested"))
  expect(messages.slice(told).some(isType("message.delta"))).toBe(false)
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "canceled", by } }])
  expect(await model.requests.at(-1)?.ended).toBe("cut")
})

test("two stops at once are one cancel", async () => {
  await using stream = await ask(house, "[talk] explain")
  const task = taskOf(await stream.until(isType("message.delta")))
  const both = await Promise.all([
    stop({ team: "default", task, by }),
    stop({ team: "default", task, by: { ...by, name: "Bo" } }),
  ])
  expect(both.map(({ status }) => status)).toEqual([200, 200])
  expect(only(await stream.rest(), "cancel.requested")).toMatchObject([{ by }])
})

test("a stop of what does not run here is refused and changes nothing: the interrupt goes by Redis then", async () => {
  await using stream = await ask(house, "[brief] is it right?", { test: "none" })
  const messages = await stream.rest()
  const task = taskOf(messages)
  expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
  expect(await stop({ team: "default", task, by })).toEqual({ status: 404, body: {} })
  expect(await stop({ team: "default", task: newId("task"), by })).toEqual({ status: 404, body: {} })
  expect((await logOf(house, task)).some(({ type }) => type === "cancel.requested")).toBe(false)
})

test("a running turn is not stopped for another team, or by what is no wish", async () => {
  await using stream = await ask(house, "[talk] explain")
  const task = taskOf(await stream.until(isType("message.delta")))
  expect(await stop({ team: "other", task, by })).toEqual({ status: 404, body: {} })
  expect(await stop({ team: "default", task })).toEqual({ status: 400, body: {} })
  expect(await stop({ team: "default", task, by, all: true })).toEqual({ status: 400, body: {} })
  expect((await logOf(house, task)).some(({ type }) => type === "cancel.requested")).toBe(false)
  expect((await stop({ team: "default", task, by })).status).toBe(200)
  await stream.rest()
})
