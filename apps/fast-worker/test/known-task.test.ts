import { request } from "node:http"
import type { WorkerView } from "@twolane/protocol"
import {
  getTask,
  type House,
  makeLibrary,
  playing,
  register,
  type Scene,
  say,
  startHouse,
  startModel,
  untilTask,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ask, followUp, taskOf } from "./lane.ts"

/** What a gateway knows of a task whose turn passed through it may be old: another one, or a worker, may have written since. */

const answer: Scene = () => say("It adds.")

let stack: AsyncDisposableStack
let house: House

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const model = stack.use(await startModel({ script: playing({ answer }) }))
  house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 1, fastWorkers: 1 }))
  await register(house, "sums", stack.use(await makeLibrary()))
})
afterAll(() => stack[Symbol.asyncDispose]())

const answered = async (): Promise<string> => {
  await using stream = await ask(house, "[answer] what does it do?")
  return taskOf(await stream.rest())
}

const next = async (task: string): Promise<number> => {
  await using stream = await followUp(house, task, { prompt: "[answer] and now?", lane: "fast" })
  await stream.rest()
  return stream.status
}

test("a follow-up that names its lane begins at once, each time", async () => {
  const task = await answered()
  for (let turn = 0; turn < 3; turn += 1) expect(await next(task)).toBe(200)
  expect((await getTask(house, task)).turns.map(({ status }) => status)).toEqual(Array(4).fill("succeeded"))
})

test("a follow-up that is refused for its prompt, or never comes whole, leaves its worker free for the next", async () => {
  const task = await answered()
  const key = `${"ghp_"}${"a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"}`
  const refused = await house.call("POST", `/v1/tasks/${task}/turns`, { prompt: `use ${key}`, lane: "fast" })
  expect(refused, refused.text).toMatchObject({ body: { code: "guardrail-denied" } })
  expect(await next(task)).toBe(200)
  const headers = {
    authorization: `Bearer ${house.apiKey}`,
    "content-type": "application/json",
    "content-length": "100",
  }
  const half = request(`${house.url}/v1/tasks/${task}/turns`, { method: "POST", headers })
  half.on("error", () => undefined).write("{")
  await expect.poll(() => next(task)).toBe(200)
  half.destroy()
  const busy = async () => {
    const { body } = await house.call("GET", "/v1/workers")
    return (body as { items: WorkerView[] }).items
      .filter(({ lane }) => lane === "fast")
      .map(each => each.busy)
  }
  await expect.poll(busy).toEqual([0])
  expect((await getTask(house, task)).turns.map(({ status }) => status)).toEqual(Array(3).fill("succeeded"))
})

test("a task that was discarded meanwhile takes no more turns", async () => {
  const task = await answered()
  const discarded = await house.call("POST", `/v1/tasks/${task}/discard`, {})
  expect(discarded, discarded.text).toMatchObject({ status: 200 })
  const wish = { prompt: "[answer] and now?", lane: "fast" }
  const refused = await house.call("POST", `/v1/tasks/${task}/turns`, wish)
  expect([refused.status, refused.body]).toMatchObject([409, { code: "task-discarded" }])
  expect((await getTask(house, task)).turns).toHaveLength(1)
})

test("after a deep turn that another gateway took, a follow-up without a lane is a deep one, and one that names it is fast", async () => {
  const task = await answered()
  const other = { ...house, url: await house.addGateway() }
  await using deep = await followUp(other, task, { lane: "deep", prompt: "[answer] again" })
  expect(deep.status).toBe(202)
  await untilTask(house, task, ({ turns }) => turns[1]?.status === "succeeded")
  const queued = await house.call("POST", `/v1/tasks/${task}/turns`, { prompt: "[answer] again" })
  expect(queued, queued.text).toMatchObject({ status: 202 })
  await untilTask(house, task, ({ turns }) => turns[2]?.status === "succeeded")
  expect(await next(task)).toBe(200)
  const { turns } = await getTask(house, task)
  expect(turns.map(({ lane }) => lane)).toEqual(["fast", "deep", "deep", "fast"])
})
