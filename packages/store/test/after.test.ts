import { Redis } from "ioredis"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Attempt, Store } from "../src/index.ts"
import {
  type Bench,
  ended,
  newTask,
  redisKinds,
  startBench,
  succeed,
  team,
  until,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"

describe.each(redisKinds)("on $name", ({ cluster }) => {
  let bench: Bench
  let store: Store
  let upkeep: AsyncDisposable
  beforeEach(async () => {
    bench = await startBench({ cluster })
    store = await bench.open()
    upkeep = store.startUpkeep()
  })
  afterEach(async () => {
    await upkeep[Symbol.asyncDispose]()
    await bench[Symbol.asyncDispose]()
    bench.expectNoErrors()
  })

  const statusOf = async (task: { team: string; task: string }) => {
    const state = await store.read(task)
    const last = state?.turns.at(-1)
    return last?.outcome ?? last?.status
  }
  const create = async (wish: Parameters<typeof newTask>[0] = {}) => {
    const task = newTask(wish)
    await store.create(task)
    return task
  }
  const waitFor = (...tasks: { task: string }[]) => ({ after: tasks.map(({ task }) => task) })

  test("a task runs once those that it waits for have succeeded, with its age and behind nobody who came later", async () => {
    const order: string[] = []
    const go = Promise.withResolvers<void>()
    const first = await create({ repo: "a" })
    const second = await create({ repo: "b" })
    const last = await create({ repo: "c", ...waitFor(first, second) })
    const run = async (attempt: Attempt) => {
      order.push(attempt.task)
      if (attempt.task === second.task) await go.promise
      await succeed(attempt)
    }
    await using _worker = await store.startWorker(workerOf(run, { capacity: 5 }))
    await untilEnded(store, first)
    const state = await store.read(last)
    expect(state === null ? null : await store.place(state)).toMatchObject({
      reason: `waits for ${first.task}, ${second.task} to succeed`,
    })
    const later = await create({ repo: "d" })
    await untilEnded(store, later)
    expect(order).not.toContain(last.task)
    go.resolve()
    const events = await untilEnded(store, last)
    expect(order.at(-1)).toBe(last.task)
    expect(events.map(event => event.type)).toEqual([
      "task.created",
      "turn.queued",
      "turn.queued",
      "turn.started",
      "turn.ended",
    ])
    expect(events[2]).toMatchObject({
      again: { why: "after" },
      reason: `${first.task}, ${second.task} succeeded`,
    })
    expect((await store.read(last))?.turns[0]?.queuedAt).toBe(events[1]?.at)
  })

  test("one that failed ends what waits for it, and what waits for that", async () => {
    const first = await create({ repo: "a" })
    const second = await create({ repo: "b", ...waitFor(first) })
    const third = await create({ repo: "c", ...waitFor(second) })
    const run = (attempt: Attempt) =>
      attempt.write([ended(attempt.turn, { status: "failed", code: "tests-red" })]).then(() => undefined)
    await using _worker = await store.startWorker(workerOf(run))
    await Promise.all([second, third].map(task => untilEnded(store, task)))
    expect(await statusOf(second)).toEqual({
      status: "failed",
      code: "dependency-failed",
      detail: `it waited for ${first.task}, which ended failed`,
    })
    expect(await statusOf(third)).toMatchObject({ code: "dependency-failed" })
    expect(await store.queue(team, "deep")).toMatchObject({ waiting: 0 })
  })

  test("what had ended before is no reason to wait", async () => {
    await using _worker = await store.startWorker(workerOf(succeed))
    const first = await create()
    await untilEnded(store, first)
    const second = await create(waitFor(first))
    await untilEnded(store, second)
    expect(await statusOf(second)).toEqual({ status: "succeeded" })
    const gone = await create({ after: [newTask().task] })
    await untilEnded(store, gone)
    expect(await statusOf(gone)).toMatchObject({ code: "dependency-failed" })
  })
})

test("a crash between an end and what waits for it is made up for", async () => {
  await using bench = await startBench()
  const store = await bench.open()
  await using _upkeep = store.startUpkeep()
  const first = newTask()
  const second = newTask({ repo: "b", after: [first.task] })
  await store.create(first)
  await store.create(second)
  const client = new Redis(bench.url)
  try {
    const index = `tl:{team:${team}}:x:after:${first.task}`
    await until(async () => (await client.zcard(index)) === 1)
    // As if whoever wrote the end had died before it looked who waits.
    await client.del(index)
  } finally {
    client.disconnect()
  }
  await using _worker = await store.startWorker(workerOf(succeed))
  await untilEnded(store, second)
  expect((await store.read(second))?.turns[0]?.outcome).toEqual({ status: "succeeded" })
  bench.expectNoErrors()
})
