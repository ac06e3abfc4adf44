import {
  type Cable,
  call,
  getTask,
  type House,
  logOf,
  makeLibrary,
  openCable,
  register,
  type Scene,
  type Stream,
  say,
  startPlayedHouse,
  sumPatch,
  untilTask,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ask, followUp, isType, only, taskOf, typesOf } from "./lane.ts"

const never = new Promise<never>(() => {})
const silent: Scene = () => never
const mend: Scene = () => call(["apply_patch", sumPatch("a - b", "a + b")])
const chat: Scene = () => ({ ...say("word ".repeat(300)), tokensPerSecond: 200 })
const answer: Scene = () => say("It adds two numbers.")

/** A test that would run for half a minute. */
const slowTest = `import test from "node:test"
import { sum } from "../src/sum.js"

test("takes its time", async () => {
  await new Promise(resolve => setTimeout(resolve, 30_000))
  if (sum(2, 3) !== 5) throw new Error("wrong")
})
`

let stack: AsyncDisposableStack
let house: House
let way: Cable
let heard: string[]

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const env = { TWOLANE_READY_LANES: "" }
  const scenes = { silent, mend, chat, answer }
  const played = stack.use(await startPlayedHouse(scenes, { deepWorkers: 0, fastWorkers: 0, env }))
  house = played.house
  heard = played.heard
  way = stack.use(await openCable({ path: house.redis.url.replace("unix://", "") }))
  const worker = house.addFastWorker({ REDIS_URL: `redis://127.0.0.1:${way.port}` })
  while (!(await house.call("GET", "/v1/workers")).text.includes(`"pid":${worker.pid}`))
    if (worker.output().includes("REDIS_URL")) throw new Error(worker.output())
  await register(house, "slow", stack.use(await makeLibrary({ "test/sum.test.js": slowTest })))
})
afterAll(() => stack.disposeAsync())

const interrupt = (task: string) => house.call("POST", `/v1/tasks/${task}/interrupt`, {})

/** Interrupts a turn, and reads its stream to the end. */
const interrupted = async (stream: Stream, task: string) => {
  expect((await interrupt(task)).status).toBe(202)
  const rest = await stream.rest()
  expect(only(rest, "turn.ended")).toMatchObject([{ outcome: { status: "canceled" } }])
  expect(typesOf(rest).indexOf("cancel.confirmed")).toBeLessThan(typesOf(rest).indexOf("turn.ended"))
  return rest
}

test("an interrupt before the first token ends the turn at once", async () => {
  await using stream = await ask(house, "[silent] explain")
  const task = taskOf(await stream.until(isType("turn.started")))
  const rest = await interrupted(stream, task)
  expect(only(rest, "message.done")).toEqual([])
})

test("an interrupt between the patch and its tests keeps the patch, and the next turn knows", async () => {
  await using stream = await ask(house, "[mend] sum adds wrongly", { repo: "slow" })
  const task = taskOf(await stream.until(isType("patch.applied")))
  const rest = await interrupted(stream, task)
  expect(only(rest, "tests.ended")).toEqual([])
  const diff = await house.call("GET", `/v1/tasks/${task}/diff`, undefined, { accept: "text/x-diff" })
  expect(diff.text).toContain("+export const sum = (a, b) => a + b\n")
  await using next = await followUp(house, task, { prompt: "[answer] and now?" })
  await next.rest()
  expect(heard.at(-1)).toMatch(/canceled|interrupted/)
})

test("an interrupt during a test kills it, with proof, and a second one changes nothing", async () => {
  await using stream = await ask(house, "[mend] sum adds wrongly", { repo: "slow" })
  const task = taskOf(await stream.until(isType("tests.started")))
  const both = await Promise.all([interrupt(task), interrupt(task)])
  expect(both.map(({ status }) => status)).toEqual([202, 202])
  const rest = await stream.rest()
  expect(only(rest, "cancel.requested")).toHaveLength(1)
  expect(only(rest, "cancel.confirmed")).toMatchObject([{ proof: "worker" }])
  expect(only(rest, "turn.ended")).toMatchObject([{ outcome: { status: "canceled" } }])
  expect((await interrupt(task)).body).toMatchObject({ status: 409, code: "turn-not-running" })
  expect((await getTask(house, task)).turns).toHaveLength(1)
})

test("a steer to a turn that has just ended is refused, and nothing of it is written", async () => {
  await using stream = await ask(house, "[answer] what does sum do?")
  const task = taskOf(await stream.rest())
  const turn = (await getTask(house, task)).turns[0]?.id
  const steered = await house.call("POST", `/v1/tasks/${task}/steer`, { prompt: "shorter", turn })
  expect(steered).toMatchObject({ status: 409, body: { code: "turn-not-running" } })
  expect((await logOf(house, task)).at(-1)?.type).toBe("turn.ended")
})

test("a reader that stops for a while misses text, and no event", async () => {
  const body = { repo: "sums", lane: "fast", prompt: "[chat] explain" }
  const url = `${house.url}/v1/tasks?onDisconnect=continue`
  const headers = {
    authorization: `Bearer ${house.apiKey}`,
    accept: "text/event-stream",
    "content-type": "application/json",
  }
  const answered = await fetch(url, { method: "POST", body: JSON.stringify(body), headers })
  const task = answered.headers.get("location")?.split("/").at(-1) ?? ""
  await untilTask(house, task, ({ endedAt }) => endedAt !== undefined)
  const ids = (await answered.text()).match(/^id: .*$/gm)
  expect(ids).toEqual((await logOf(house, task)).map(({ id }) => `id: ${id}`))
})

test("Redis slow at the moment of admission: nothing of the turn leaves before its claim is stored", async () => {
  way.delay(700)
  await using stream = await ask(house, "[mend] sum adds wrongly")
  const [first] = await stream.until(() => true)
  way.delay(0)
  expect(first).toMatchObject({ id: "0-1", data: { type: "task.created" } })
  expect(only(await stream.rest(), "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
})

/** The problem that a caller was told; a stream that a heartbeat has begun by then ends with it. */
const toldIn = async (stream: Stream): Promise<string | undefined> => {
  const messages = await stream.rest()
  expect(messages.filter(({ id }) => id !== undefined)).toEqual([])
  return messages.flatMap(({ data }) => ("code" in data ? [data.code] : []))[0]
}

/** The worker finds its way back by itself. */
const untilBack = async (open: () => Promise<Stream>): Promise<void> => {
  way.delay(0)
  way.cut()
  for (let status = 0; status !== 200; ) {
    await using again = await open()
    status = again.status
    await again.rest()
  }
}

test("Redis gone at the moment of admission: the caller is told, and nothing was done", async () => {
  const newest = async () =>
    ((await house.call("GET", "/v1/tasks?lane=fast&limit=1")).body as { items: { id: string }[] }).items[0]
      ?.id
  const before = await newest()
  way.delay(1_000_000)
  await using stream = await ask(house, "[silent] explain")
  expect(await toldIn(stream)).toBe("store-unavailable")
  expect(await newest()).toBe(before)
  await untilBack(() => ask(house, "[answer] what does sum do?"))
})

test("Redis gone when a task that its gateway knows goes on: the caller is told once, and nothing was done", async () => {
  await using first = await ask(house, "[answer] what does sum do?")
  const task = taskOf(await first.rest())
  const asked = heard.length
  way.delay(1_000_000)
  const goOn = () => followUp(house, task, { prompt: "[answer] and now?", lane: "fast" })
  await using stream = await goOn()
  expect(await toldIn(stream)).toBe("store-unavailable")
  expect((await getTask(house, task)).turns).toHaveLength(1)
  expect(heard.length).toBeLessThanOrEqual(asked + 1)
  await untilBack(goOn)
  expect((await getTask(house, task)).turns.map(({ status }) => status)).toEqual(["succeeded", "succeeded"])
})
