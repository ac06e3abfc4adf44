import { readdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import type { WorkerView } from "@twolane/protocol"
import {
  call,
  callsOf,
  eventsIn,
  follow,
  gapsIn,
  getTask,
  type House,
  keepersOf,
  logOf,
  makeLibrary,
  openStream,
  playing,
  processesWith,
  register,
  type Scene,
  say,
  startHouse,
  startModel,
  sumPatch,
  untilTask,
} from "@twolane/testkit"
import { expect, test } from "vitest"
import { ask, followUp, isType, only, taskOf, workersIn } from "./lane.ts"

/** Patches, then waits for the test's word before it says more. */
const patchThenWait =
  (word: Promise<void>): Scene =>
  async seen => {
    if (callsOf(seen, "apply_patch") === 0) return call(["apply_patch", sumPatch("a - b", "a * b")])
    await word
    return call(["apply_patch", sumPatch("a * b", "a + b")])
  }

/** The process that runs a task, as soon as its beat has said so. */
const workerOf = async (house: House, task: string): Promise<number> => {
  for (;;) {
    const { body } = await house.call("GET", "/v1/workers")
    const { items } = body as { items: WorkerView[] }
    const found = items.find(({ turns }) => turns.some(turn => turn.task === task))
    if (found !== undefined) return found.pid
  }
}

test("a worker that is killed in mid-turn: the stream ends with a retryable problem, and the task goes on at another one", async () => {
  await using stack = new AsyncDisposableStack()
  const word = Promise.withResolvers<void>()
  const model = stack.use(await startModel({ script: playing({ work: patchThenWait(word.promise) }) }))
  const house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 0, fastWorkers: 2 }))
  await register(house, "sums", stack.use(await makeLibrary()))

  await using stream = await ask(house, "[work] sum adds wrongly")
  const before = await stream.until(isType("tests.ended"))
  const task = taskOf(before)
  const pid = await workerOf(house, task)
  house.fastWorkers.find(worker => worker.pid === pid)?.kill("SIGKILL")
  const rest = await stream.rest()
  expect(rest.at(-1)).toMatchObject({ event: "problem", data: { code: "no-worker", retryable: true } })
  expect(rest.at(-1)).not.toHaveProperty("id")

  const last = [...before, ...rest].findLast(({ id }) => id !== undefined)?.id
  word.resolve()
  const resumed = await follow(house, task, () => false, last)
  expect(resumed.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["attempt.lost", "turn.started", "patch.applied", "turn.ended"]),
  )
  expect(gapsIn([...eventsIn([...before, ...rest]), ...resumed])).toEqual([])
  await untilTask(house, task, ({ status }) => status === "succeeded")
  const log = await logOf(house, task)
  expect(log.filter(({ type }) => type === "attempt.lost")).toHaveLength(1)
  expect(log.filter(({ type }) => type === "patch.applied")).toHaveLength(2)
  expect((await getTask(house, task)).turns).toMatchObject([{ attempts: 2, status: "succeeded" }])
})

test("a worker that is told to stop hands its turn to another one, and leaves nothing behind", async () => {
  await using stack = new AsyncDisposableStack()
  const talk: Scene = () => ({ ...say("word ".repeat(1_000)), tokensPerSecond: 200 })
  const model = stack.use(await startModel({ script: playing({ talk }) }))
  const house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 0, fastWorkers: 1 }))
  await register(house, "sums", stack.use(await makeLibrary()))

  await using stream = await ask(house, "[talk] explain")
  const task = taskOf(await stream.until(isType("message.delta")))
  const [worker] = house.fastWorkers
  worker?.kill("SIGTERM")
  const rest = await stream.rest()
  expect(rest.at(-1)).toMatchObject({ event: "problem", data: { code: "shutting-down", retryable: true } })
  await worker?.ended
  const left = (await readdir(tmpdir())).filter(name => name.startsWith(`twl-fast-${worker?.pid}-`))
  expect(left).toEqual([])
  expect((await logOf(house, task)).at(-1)).toMatchObject({ type: "turn.queued", again: { why: "shutdown" } })

  await using other = await ask(house, "[talk] nobody is there")
  expect(other.status).toBe(503)
  expect(await house.call("GET", "/v1/workers")).toMatchObject({ body: { items: [] } })
})

test("a worker that is killed while a room stands ready for the next tests: no keeper stays, and whoever comes next takes the folders away", async () => {
  await using stack = new AsyncDisposableStack()
  const mend: Scene = () => call(["apply_patch", sumPatch("a - b", "a + b")])
  const model = stack.use(await startModel({ script: playing({ mend }) }))
  const house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 0, fastWorkers: 1 }))
  await register(house, "sums", stack.use(await makeLibrary()))

  await using stream = await ask(house, "[mend] sum adds wrongly")
  const task = taskOf(await stream.rest())
  const [worker] = house.fastWorkers
  // The workspace's own keeper, that of the room which the next tests would find, and those of two rooms for the next tasks.
  await expect.poll(() => keepersOf(worker?.pid ?? 0)).toHaveLength(4)
  const [dead] = await workersIn(house)
  worker?.kill("SIGKILL")
  await worker?.ended
  const inHouse = (words: readonly string[]) => words.some(word => word.startsWith(house.dataDir))
  await expect.poll(() => processesWith(inHouse)).toEqual([])

  const { pid } = house.addFastWorker()
  await expect.poll(() => workersIn(house)).not.toContainEqual(expect.stringContaining(dead ?? ""))
  await expect.poll(async () => (await house.call("GET", "/v1/workers")).text).toContain(`"pid":${pid}`)
  // Rooms stand ready before anybody asks.
  await expect.poll(() => keepersOf(pid)).toHaveLength(2)
  await using next = await followUp(house, task, { prompt: "[mend] again" })
  expect(only(await next.rest(), "turn.started")).toHaveLength(1)
})

test("Redis gone at the moment of admission: the caller is told, and nothing was done", async () => {
  await using stack = new AsyncDisposableStack()
  const answer: Scene = () => say("Yes.")
  const model = stack.use(await startModel({ script: playing({ answer }) }))
  const house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 0, fastWorkers: 1 }))
  await register(house, "sums", stack.use(await makeLibrary()))
  await (await ask(house, "[answer] once")).rest()
  house.redis.pause()
  const body = { repo: "sums", lane: "fast", prompt: "[answer] twice" }
  await using refused = await openStream(house, "/v1/tasks", body)
  expect(refused.status).toBe(503)
  house.redis.resume()
  await using again = await openStream(house, "/v1/tasks", body)
  expect(only(await again.rest(), "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
})
