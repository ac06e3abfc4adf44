import { afterEach, beforeEach, expect, test } from "vitest"
import type { Attempt, Store } from "../src/index.ts"
import {
  type Bench,
  newTask,
  queued,
  startBench,
  succeed,
  team,
  until,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"

let bench: Bench
let store: Store
let upkeep: AsyncDisposable
beforeEach(async () => {
  bench = await startBench()
  store = await bench.open()
  upkeep = store.startUpkeep()
})
afterEach(async () => {
  await upkeep[Symbol.asyncDispose]()
  await bench[Symbol.asyncDispose]()
  bench.expectNoErrors()
})

const placeOf = async (task: { team: string; task: string }) => {
  const state = await store.read(task)
  return state === null ? null : await store.place(state)
}

/** A run that goes on until the test says so. */
const heldRun = () => {
  const go = Promise.withResolvers<void>()
  const order: string[] = []
  const run = async (attempt: Attempt) => {
    order.push(attempt.task)
    await go.promise
    await succeed(attempt)
  }
  return { run, order, release: go.resolve }
}

test("one repo gets at most its limit at once, and its waiting turns say behind whom", async () => {
  const { run, order, release } = heldRun()
  await using _worker = await store.startWorker(workerOf(run, { capacity: 5 }))
  const tasks = [newTask(), newTask(), newTask()]
  for (const task of tasks) await store.create(task)
  await until(async () => order.length === 2)
  const waiting = tasks.find(({ task }) => !order.includes(task)) ?? newTask()
  expect((await placeOf(waiting))?.reason).toMatch(/^repo limit 2 of 2, behind task_\w+, task_\w+$/)
  release()
  await Promise.all(tasks.map(task => untilEnded(store, task)))
  await until(async () => (await store.queue(team, "deep")).ratePerHour === 3)
  expect(await store.queue(team, "deep")).toMatchObject({ waiting: 0, running: 0, slots: 5 })
})

test("priority goes before age", async () => {
  const { run, order, release } = heldRun()
  release()
  await store.pause("deep", true)
  const tasks = [
    newTask({ repo: "a", priority: "low" }),
    newTask({ repo: "b" }),
    newTask({ repo: "c", priority: "urgent" }),
    newTask({ repo: "d", priority: "high" }),
  ]
  for (const task of tasks) await store.create(task)
  await using _worker = await store.startWorker(workerOf(run, { capacity: 1 }))
  expect(await placeOf(tasks[2] ?? newTask())).toEqual({ position: 1, reason: "paused", hold: "paused" })
  expect(await placeOf(tasks[0] ?? newTask())).toEqual({ position: 4, reason: "paused", hold: "paused" })
  expect(await store.queue(team, "deep")).toMatchObject({ waiting: 4, running: 0, paused: true, etaMs: null })
  await store.pause("deep", false)
  await Promise.all(tasks.map(task => untilEnded(store, task)))
  expect(order).toEqual([2, 3, 1, 0].map(index => tasks[index]?.task))
})

test("a turn that is queued says how many would go before it", async () => {
  await store.pause("deep", true)
  const first = newTask({ priority: "low" })
  const urgent = newTask({ priority: "urgent" })
  const later = newTask({ notBefore: Date.now() + 60_000 })
  const batch = [newTask(), newTask({ priority: "low" }), newTask({ priority: "high" }), newTask()]
  for (const task of [first, urgent, later]) await store.create(task)
  await store.createMany(batch)
  await store.change({ ...first, decide: () => [queued("turn_next")] })
  const said = await Promise.all(
    [first, urgent, later, ...batch].map(async task =>
      (await store.events(task, "0-0", 10)).flatMap(event =>
        event.type === "turn.queued" ? [event.position] : [],
      ),
    ),
  )
  expect(said).toEqual([[1, 1], [1], [2], [2], [4], [2], [4]])
  expect(await placeOf(later)).toMatchObject({ position: 3, reason: expect.stringMatching(/^not before/) })
})

test("a turn with a later time waits for it, and does not hold up the others", async () => {
  const { run, order, release } = heldRun()
  release()
  const later = newTask({ notBefore: Date.now() + 700, priority: "urgent" })
  await store.create(later)
  expect((await placeOf(later))?.reason).toMatch(/^not before 20/)
  await using _worker = await store.startWorker(workerOf(run))
  const soon = newTask()
  await store.create(soon)
  await Promise.all([untilEnded(store, later), untilEnded(store, soon)])
  expect(order).toEqual([soon.task, later.task])
})

test("a lane says when it is empty by what could run: not by what waits for a time, and not while it is paused", async () => {
  const { run, order, release } = heldRun()
  await using _worker = await store.startWorker(workerOf(run, { capacity: 1 }))
  const lane = () => store.queue(team, "deep")
  const first = newTask({ repo: "a" })
  await store.create(first)
  await until(async () => order.length === 1)
  release()
  await untilEnded(store, first)
  await until(async () => (await lane()).etaMs === 0)
  await store.create(newTask({ repo: "b", notBefore: Date.now() + 3_600_000 }))
  expect(await lane()).toMatchObject({ waiting: 1, etaMs: null })
  await store.pause("deep", true)
  await store.create(newTask({ repo: "c" }))
  expect(await lane()).toMatchObject({ waiting: 2, etaMs: null })
  await store.pause("deep", false)
  await until(async () => order.length === 2)
})

test("a path source is served only by workers of its host", async () => {
  const ran: string[] = []
  const workerAt = (host: string) =>
    workerOf(
      async attempt => {
        ran.push(`${host} ${attempt.task}`)
        await succeed(attempt)
      },
      { host },
    )
  const repo = { name: "local", team, source: "/srv/x", defaultBranch: "main", createdAt: 1, host: "h2" }
  await store.createRepo({ ...repo, credential: "none", secrets: [] })
  const [one, two] = [await bench.open(), await bench.open()]
  await using _one = await one.startWorker(workerAt("h1"))
  const task = newTask({ repo: "local" })
  await store.create(task)
  expect(await placeOf(task)).toEqual({
    position: 1,
    reason: "no deep worker is there on host h2",
    hold: "no-worker",
  })
  await using _two = await two.startWorker(workerAt("h2"))
  await untilEnded(store, task)
  expect(ran).toEqual([`h2 ${task.task}`])
})

test("a turn behind an open one of its task waits without standing in the queue", async () => {
  const { run, order, release } = heldRun()
  await using _worker = await store.startWorker(workerOf(run))
  const task = newTask()
  await store.create(task)
  await until(async () => order.length === 1)
  await store.change({ ...task, decide: () => [queued("turn_next")] })
  expect(await placeOf(task)).toEqual({ position: 1, reason: "behind 1 open turn of its task" })
  expect(await store.queue(team, "deep")).toMatchObject({ waiting: 0, running: 1 })
  release()
  await untilEnded(store, task, 2)
  expect(await placeOf(task)).toBeNull()
})

test("a worker that holds gets nothing until it can, and says why", async () => {
  let holding: string | null = "disk nearly full"
  await using _worker = await store.startWorker(workerOf(succeed, { holding: () => holding }))
  const task = newTask()
  await store.create(task)
  expect((await placeOf(task))?.reason).toBe("workers hold: disk nearly full")
  expect((await store.workers())[0]).toMatchObject({ holding: "disk nearly full", capacity: 2, host: "here" })
  holding = null
  await untilEnded(store, task)
})

test("the team hears of its queue at most twice a second", async () => {
  await using _worker = await store.startWorker(workerOf(succeed))
  const stop = new AbortController()
  const heard: { at: number; waiting: number; running: number }[] = []
  const listening = (async () => {
    for await (const item of store.followTeam(team, null, stop.signal)) {
      if ("type" in item) heard.push({ at: performance.now(), waiting: item.waiting, running: item.running })
    }
  })()
  const tasks = Array.from({ length: 10 }, (_, index) => newTask({ repo: `r${index}` }))
  await store.createMany(tasks)
  await Promise.all(tasks.map(task => untilEnded(store, task)))
  await until(async () => heard.at(-1)?.waiting === 0 && heard.at(-1)?.running === 0)
  stop.abort()
  await listening
  const gaps = heard.slice(1).map(({ at }, index) => at - (heard[index]?.at ?? 0))
  expect(gaps.every(gap => gap > 450)).toBe(true)
})

test("an effect is done once, by a worker that can, and its result is waited for", async () => {
  const delivered: string[] = []
  await using _worker = await store.startWorker(
    workerOf(succeed, {
      deliver: async (_ref, state, effect) => {
        delivered.push(`${state.id} ${effect.how} ${effect.head}`)
        return { ok: true, value: { remote: "origin" } }
      },
    }),
  )
  const task = newTask()
  await store.create(task)
  await untilEnded(store, task)
  const effect = {
    op: "op_1",
    kind: "accept",
    how: "push",
    by: { key: "k", name: "A" },
    head: "f00",
  } as const
  const never = new AbortController().signal
  expect(await store.effectResult(task, "op_1", 50, never)).toBeNull()
  await store.change({ ...task, effect, decide: () => [] })
  const results = await Promise.all([1, 2].map(() => store.effectResult(task, "op_1", 5_000, never)))
  expect(results).toEqual([
    { ok: true, value: { remote: "origin" } },
    { ok: true, value: { remote: "origin" } },
  ])
  await store.change({ ...task, effect, decide: () => [] })
  expect(delivered).toEqual([`${task.task} push f00`])
})

test("an effect that broke its sender is tried again", async () => {
  let tries = 0
  await using _worker = await store.startWorker(
    workerOf(succeed, {
      deliver: async () => {
        tries += 1
        if (tries === 1) throw new Error("the network")
        return { ok: false, code: "branch-moved", detail: "somebody pushed" }
      },
    }),
  )
  const task = newTask()
  await store.create(task)
  const effect = {
    op: "op_2",
    kind: "accept",
    how: "merge",
    by: { key: "k", name: "A" },
    head: "f00",
  } as const
  await store.change({ ...task, effect, decide: () => [] })
  await until(async () => tries === 1)
  const { Redis } = await import("ioredis")
  const redis = new Redis(bench.url)
  // Its time to be hidden is over.
  await until(
    async () => (await redis.zadd("tl:{queue:deep}:ops", "XX", "CH", 1, `${team}/${task.task}/op_2`)) === 1,
  )
  const result = await store.effectResult(task, "op_2", 5_000, new AbortController().signal)
  expect(result).toEqual({ ok: false, code: "branch-moved", detail: "somebody pushed" })
  redis.disconnect()
  expect(bench.errors.splice(0)).toHaveLength(1)
})

test("what waits is listed in the order in which it is picked, page by page, and what is not due comes last", async () => {
  const later = newTask({ notBefore: Date.now() + 3_600_000 })
  const [low, normal, other, urgent] = [
    newTask({ priority: "low" }),
    newTask(),
    newTask({ ofTeam: "another" }),
    newTask({ priority: "urgent" }),
  ]
  for (const task of [later, low, normal, other, urgent]) await store.create(task)
  await until(async () => (await store.queue(team, "deep")).waiting === 4)
  const first = await store.waiting(team, "deep", { limit: 3 })
  expect(first.items.map(({ id }) => id)).toEqual([urgent.task, normal.task, low.task])
  // Another team's task stands between, and counts.
  expect(first.items.map(({ queue }) => queue?.position)).toEqual([1, expect.any(Number), 4])
  const rest = await store.waiting(team, "deep", { limit: 3, cursor: first.nextCursor ?? "" })
  expect(rest.items.map(({ id }) => id)).toEqual([later.task])
  expect(rest.nextCursor).toBeNull()
  expect(await store.waiting(team, "fast", { limit: 3 })).toEqual({ items: [], nextCursor: null })
})
