import type { QueueView } from "@twolane/protocol"
import {
  follow,
  getTask,
  type House,
  makeLibrary,
  only,
  playing,
  type Reply,
  register,
  type Scene,
  say,
  startHouse,
  startModel,
  submit,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"

const refused = (seconds: number): Reply => ({
  items: [],
  fault: { type: "status", status: 429, code: "rate_limit_exceeded", retryAfterSeconds: seconds },
})
/** The first request is refused, the next one is not. */
const afterRefusal = (seconds: number): Scene => {
  let asked = 0
  return () => {
    asked += 1
    return asked === 1 ? refused(seconds) : say("Done.")
  }
}

let stack: AsyncDisposableStack
let house: House

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const script = playing({ short: afterRefusal(8), long: afterRefusal(40) })
  const model = stack.use(await startModel({ script }))
  house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 1 }))
  await register(house, "sums", stack.use(await makeLibrary()))
})
afterAll(() => stack.disposeAsync())

const deepProviders = async () => {
  const { body } = await house.call("GET", "/v1/queue")
  return (body as QueueView).lanes.deep.providers
}

test("a wait for the provider is told, shown in the queue, and takes nothing of the turn's seconds", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[short] talk", budget: { seconds: 6 } })
  await follow(house, task.id, event => event.type === "model.waiting")
  await expect
    .poll(deepProviders)
    .toMatchObject([
      { state: "blocked", reason: expect.stringContaining("asked to be left alone"), model: "gpt-5.3-codex" },
    ])
  const events = await follow(house, task.id)
  expect(only(events, "model.waiting")).toMatchObject([{ atMostMs: expect.any(Number) }])
  expect(only(events, "model.resumed")[0]?.waitedMs).toBeGreaterThanOrEqual(8_000)
  expect(await getTask(house, task.id)).toMatchObject({ status: "succeeded" })
})

test("a cancel ends a wait at once", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[long] talk" })
  await follow(house, task.id, event => event.type === "model.waiting")
  await house.call("POST", `/v1/tasks/${task.id}/cancel`, {})
  const events = await follow(house, task.id)
  expect(only(events, "model.resumed")).toEqual([])
  expect(only(events, "turn.ended")).toMatchObject([{ outcome: { status: "canceled" } }])
})
