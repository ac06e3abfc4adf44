import { Redis } from "ioredis"
import { afterEach, beforeEach, expect, test } from "vitest"
import { memberOf } from "../src/context.ts"
import type { Attempt, Store } from "../src/index.ts"
import { queueFamily, teamFamily } from "../src/keys.ts"
import { loadScripts, scriptRunner } from "../src/redis/script.ts"
import {
  type Bench,
  newTask,
  startBench,
  succeed,
  team,
  typesOf,
  until,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"

let bench: Bench
let store: Store
let upkeep: AsyncDisposable
let redis: Redis
beforeEach(async () => {
  bench = await startBench()
  store = await bench.open()
  upkeep = store.startUpkeep()
  redis = new Redis(bench.url)
})
afterEach(async () => {
  redis.disconnect()
  await upkeep[Symbol.asyncDispose]()
  await bench[Symbol.asyncDispose]()
  bench.expectNoErrors()
})

const family = queueFamily("deep")

/** What the queue keeps of tasks by name. */
const membersOf = async (key: string) => Object.keys(await redis.hgetall(`${family}${key}`))

test("an id that is taken by a task that ended long ago leaves nothing in the queue", async () => {
  await using _worker = await store.startWorker(workerOf(succeed))
  const task = newTask()
  await store.create(task)
  await untilEnded(store, task)
  await until(async () => (await redis.zcard(`${family}gone`)) === 1)
  // As the upkeep does after a while.
  await redis.del(`${family}version`, `${family}gone`)
  const again = await store.create({ ...newTask(), task: task.task })
  expect(again).toMatchObject({ ok: false, why: "exists" })
  await until(async () => (await membersOf("active")).length === 0)
  expect(await membersOf("entry")).toEqual([])
  expect((await store.queue(team, "deep")).waiting).toBe(0)
  expect(typesOf(await store.events(task, "0-0", 100)).at(-1)).toBe("turn.ended")
})

test("an id that is taken by a waiting task leaves it where it was, with its own turn", async () => {
  const task = newTask()
  await store.create(task)
  await store.create({ ...newTask(), task: task.task })
  const entry = await redis.hget(`${family}entry`, memberOf(task))
  expect(JSON.parse(entry ?? "null")).toMatchObject({ turn: task.turn })
  expect((await store.queue(team, "deep")).waiting).toBe(1)
  await using _worker = await store.startWorker(workerOf(succeed))
  expect((await untilEnded(store, task)).at(-1)).toMatchObject({ type: "turn.ended", turn: task.turn })
})

test("what was queued ahead of a write that never came is forgotten by the sweep", async () => {
  const ghost = newTask()
  const entry = JSON.stringify({ ...ghost, events: undefined, repo: "shop", score: 1, queuedAt: 1 })
  const run = scriptRunner(redis, loadScripts())
  await redis.sadd("tl:{upkeep}:teams", team)
  await run("queue-settle", [family], ["0", 1, memberOf(ghost), 2, "wait", entry, "", ""])
  await redis.zadd(`${teamFamily(team)}dirty`, Date.now() - 60_000, `${ghost.task}/crashed`)
  await until(async () => (await redis.zcard(`${teamFamily(team)}dirty`)) === 0)
  expect(await membersOf("entry")).toEqual([])
  expect(await membersOf("version")).toEqual([])
  expect(await redis.zcard(`${family}line`)).toBe(0)
})

test("however many tasks meet an idle worker at once, no more tickets are out than slots are free", async () => {
  await store.pause("deep", true)
  const go = Promise.withResolvers<void>()
  const run = async (attempt: Attempt) => {
    await go.promise
    await succeed(attempt)
  }
  await using _worker = await store.startWorker(workerOf(run, { capacity: 2 }))
  await store.pause("deep", false)
  const tasks = Array.from({ length: 5 }, (_, index) => newTask({ repo: `r${index}` }))
  await until(async () => (await store.queue(team, "deep")).slots === 2)
  await Promise.all(tasks.map(task => store.create(task)))
  await until(async () => (await membersOf("active")).length > 0)
  for (let look = 0; look < 20; look += 1) expect((await membersOf("active")).length).toBeLessThanOrEqual(2)
  await until(
    async () => (await membersOf("active")).length === 2 && (await redis.zcard(`${family}line`)) === 3,
  )
  go.resolve()
  await Promise.all(tasks.map(task => untilEnded(store, task)))
  await until(async () => (await membersOf("active")).length === 0)
  expect(await membersOf("entry")).toEqual([])
})
