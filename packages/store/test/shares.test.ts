import { Redis } from "ioredis"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Attempt, Store } from "../src/index.ts"
import {
  type Bench,
  newTask,
  redisKinds,
  startBench,
  succeed,
  team,
  until,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"

const bob = { key: "key_bob", name: "Bob" }

let bench: Bench
let store: Store
afterEach(async () => {
  await bench[Symbol.asyncDispose]()
  bench.expectNoErrors()
})

const placeOf = async (task: { team: string; task: string }) => {
  const state = await store.read(task)
  return state === null ? null : await store.place(state)
}

describe.each(redisKinds)("on $name", ({ cluster }) => {
  beforeEach(async () => {
    bench = await startBench({ cluster })
    store = await bench.open()
  })

  /** Runs until the test lets it go; the order in which turns started. */
  const heldRun = () => {
    const held = new Map<string, () => void>()
    const order: string[] = []
    const run = async (attempt: Attempt) => {
      const go = Promise.withResolvers<void>()
      held.set(attempt.task, go.resolve)
      order.push(attempt.task)
      await go.promise
      await succeed(attempt)
    }
    // Also where a test fails: a worker ends only when what it runs does.
    const letGo = {
      [Symbol.dispose]: () => {
        for (const release of held.values()) release()
      },
    }
    return { run, order, letGo, release: (task: string) => held.get(task)?.() }
  }

  test("people of a team go in turns, whoever queued more before, and another process that takes over goes on with that", async () => {
    const at = Date.now() - 100
    const mine = Array.from({ length: 4 }, (_, index) => newTask({ repo: "a", at: at + index }))
    const theirs = Array.from({ length: 3 }, (_, index) =>
      newTask({ repo: "b", by: bob, at: at + 4 + index }),
    )
    for (const task of [...mine, ...theirs]) await store.create(task)
    expect((await placeOf(theirs[0] ?? newTask()))?.position).toBe(2)
    const { run, order, release, letGo } = heldRun()
    let upkeep = store.startUpkeep()
    await using _worker = await store.startWorker(workerOf(run, { capacity: 1 }))
    using _letGo = letGo
    for (let ended = 0; ended < 7; ended += 1) {
      await until(async () => order.length === ended + 1)
      if (ended === 3) {
        await upkeep[Symbol.asyncDispose]()
        const other = await bench.open()
        upkeep = other.startUpkeep()
      }
      release(order[ended] ?? "")
    }
    await Promise.all([...mine, ...theirs].map(task => untilEnded(store, task)))
    await upkeep[Symbol.asyncDispose]()
    const whose = order.map(task => (mine.some(own => own.task === task) ? "mine" : "theirs"))
    expect(whose).toEqual(["mine", "theirs", "mine", "theirs", "mine", "theirs", "mine"])
  })

  test("limits that change are kept at once, by all processes, and each one that holds a task back says so", async () => {
    await using _upkeep = store.startUpkeep()
    const { run, order, release, letGo } = heldRun()
    await using _worker = await store.startWorker(workerOf(run, { capacity: 8, provider: "models.example" }))
    using _letGo = letGo
    const other = await bench.open()
    const at = Date.now() - 100
    const tasks = [
      newTask({ repo: "a", at }),
      newTask({ repo: "a", at: at + 1 }),
      newTask({ repo: "b", by: bob, at: at + 2 }),
    ]
    const [one, two, three] = tasks.map(({ task }) => task)
    expect(await other.setLimits("deep", { teams: { [team]: { repos: { a: 1 } } } })).toEqual({
      perRepo: 2,
      teams: { [team]: { repos: { a: 1 } } },
    })
    for (const task of tasks) await store.create(task)
    await until(async () => order.length === 2)
    expect(new Set(order)).toEqual(new Set([one, three]))
    expect(await placeOf(tasks[1] ?? newTask())).toMatchObject({
      hold: "repo",
      reason: `repo limit 1 of 1, behind ${one}`,
    })
    await other.setLimits("deep", { perTeam: 2, teams: { [team]: { repos: { a: null } } } })
    expect(await placeOf(tasks[1] ?? newTask())).toMatchObject({ hold: "team", reason: "team limit 2 of 2" })
    await other.setLimits("deep", { perTeam: null, perPerson: 1 })
    expect(await placeOf(tasks[1] ?? newTask())).toMatchObject({ hold: "person" })
    await other.setLimits("deep", { perPerson: null, providers: { "models.example": 2 } })
    expect(await placeOf(tasks[1] ?? newTask())).toMatchObject({
      hold: "provider",
      reason: "limit of models.example 2 of 2",
    })
    await other.setLimits("deep", { providers: { "models.example": null }, teams: { blue: { reserved: 6 } } })
    expect(await placeOf(tasks[1] ?? newTask())).toMatchObject({
      hold: "reserved",
      reason: "the 6 free slots are kept for other teams",
    })
    await other.pauseRepo("deep", { team, repo: "a" }, true)
    await other.setLimits("deep", { teams: { blue: { reserved: null } } })
    expect(await placeOf(tasks[1] ?? newTask())).toMatchObject({ hold: "repo-paused" })
    expect(await store.queue(team, "deep")).toMatchObject({ limits: { perRepo: 2 }, pausedRepos: ["a"] })
    expect((await store.doors("deep", { team, repo: "a", state: null })).paused).toBe("repo")
    expect((await store.doors("deep", { team, repo: "b", state: null })).paused).toBeNull()
    await other.pauseRepo("deep", { team, repo: "a" }, false)
    await until(async () => order.length === 3)
    expect(order[2]).toBe(two)
    for (const task of order) release(task)
    await Promise.all(tasks.map(task => untilEnded(store, task)))
  })
})

test("what a version before left in one line a repo is picked as well", async () => {
  bench = await startBench()
  store = await bench.open()
  const task = newTask()
  await store.create(task)
  const redis = new Redis(bench.url)
  const family = "tl:{queue:deep}:"
  const member = `${team}/${task.task}`
  const { who: _who, ...entry } = JSON.parse((await redis.hget(`${family}entry`, member)) ?? "{}")
  await redis.hset(`${family}entry`, member, JSON.stringify(entry))
  const line = `${team}/shop/${_who}`
  await redis.rename(`${family}wait:${line}`, `${family}wait:${team}/shop`)
  await redis.zrem(`${family}repos`, line)
  await redis.zrem(`${family}lines`, line)
  await redis.zadd(`${family}repos`, entry.score, `${team}/shop`)
  redis.disconnect()
  await using _upkeep = store.startUpkeep()
  await using _worker = await store.startWorker(workerOf(succeed))
  expect((await untilEnded(store, task)).at(-1)).toMatchObject({ outcome: { status: "succeeded" } })
})
