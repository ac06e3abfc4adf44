import { execFileSync } from "node:child_process"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Attempt, Store, TaskRef } from "../src/index.ts"
import { taskKeys } from "../src/keys.ts"
import {
  type Bench,
  eventsUntil,
  message,
  newTask,
  redisKinds,
  startBench,
  succeed,
  untilAborted,
  workerOf,
} from "./open-for-test.ts"

describe.each(redisKinds)("on $name", ({ cluster }) => {
  let bench: Bench
  let gateway: Store
  let upkeep: AsyncDisposable
  beforeEach(async () => {
    bench = await startBench({ cluster })
    gateway = await bench.open()
    upkeep = gateway.startUpkeep()
  })
  afterEach(async () => {
    await upkeep[Symbol.asyncDispose]()
    bench.expectNoErrors()
    await bench[Symbol.asyncDispose]()
  })

  /** What a watcher of a task sees until its turn ends; `onSeen` hears of each thing. */
  const watch = async (task: TaskRef, onSeen: (what: string) => void): Promise<string[]> => {
    const seen: string[] = []
    const stop = new AbortController()
    for await (const item of gateway.follow(task, "0-0", stop.signal)) {
      const what = "text" in item ? `${item.type} ${item.text}` : item.type
      seen.push(what)
      onSeen(what)
      if (item.type === "turn.ended") stop.abort()
    }
    return seen
  }

  test("live text comes in its place, and a worker that was replaced cannot speak", async () => {
    const store = await bench.open()
    const go = Promise.withResolvers<void>()
    await using _worker = await store.startWorker(
      workerOf(async attempt => {
        await go.promise
        for (const text of ["he", "llo"]) attempt.delta({ type: "message.delta", text })
        await attempt.write([message(attempt.turn, "hello")])
        await succeed(attempt)
        attempt.delta({ type: "message.delta", text: "too late" })
      }),
    )
    const task = newTask()
    await gateway.create(task)
    const seen = await watch(task, what => {
      if (what === "turn.started") go.resolve()
    })
    expect(seen.slice(2)).toEqual(["turn.started", "message.delta hello", "message.done hello", "turn.ended"])
    expect(await eventsUntil(gateway, task, ({ type }) => type === "turn.ended", "1-1")).toHaveLength(2)
  })

  test("several tasks that speak at once are each heard whole, in order, and by their own watchers alone", async () => {
    const store = await bench.open()
    const tasks = ["shop", "shop", "site", "till"].map(repo => newTask({ repo }))
    const others = new Map<string, () => void>()
    const watched = new Map<string, PromiseWithResolvers<void>>(
      tasks.map(({ task }) => [task, Promise.withResolvers<void>()]),
    )
    const all = Promise.all([...watched.values()].map(({ promise }) => promise))
    await using _worker = await store.startWorker({
      ...workerOf(async attempt => {
        await all
        for (let piece = 0; piece < 3; piece += 1) {
          attempt.delta({ type: "message.delta", text: `${attempt.task} ${piece};` })
          // The text of a tick leaves when its 20 ms are over; the next piece comes once a watcher has it.
          await new Promise<void>(resolve => others.set(attempt.task, resolve))
        }
        await attempt.write([message(attempt.turn, attempt.task)])
        await succeed(attempt)
      }),
      capacity: tasks.length,
    })
    const seen = tasks.map(task =>
      watch(task, what => {
        if (what === "turn.started") watched.get(task.task)?.resolve()
        if (what.startsWith("message.delta")) others.get(task.task)?.()
      }),
    )
    for (const task of tasks) await gateway.create(task)
    expect((await Promise.all(seen)).map(of => of.slice(2))).toEqual(
      tasks.map(({ task }) => [
        "turn.started",
        ...[0, 1, 2].map(piece => `message.delta ${task} ${piece};`),
        `message.done ${task}`,
        "turn.ended",
      ]),
    )
  })
})

test("a write that is to leave at once is stored while its writer still holds up the loop", async () => {
  await using bench = await startBench()
  const store = await bench.open()
  await using _upkeep = store.startUpkeep()
  const claimed = Promise.withResolvers<Attempt>()
  await using _worker = await store.startWorker(
    workerOf(async attempt => {
      claimed.resolve(attempt)
      await untilAborted(attempt)
    }),
  )
  const task = newTask()
  await store.create(task)
  const attempt = await claimed.promise
  await attempt.write([]) // what the claim brought has settled then: nothing is before the next write
  const written = attempt.write([message(attempt.turn, "at once")], { atOnce: true })
  const log = () =>
    execFileSync("redis-cli", ["-s", bench.redis.socketPath ?? "", "XRANGE", taskKeys(task).log, "-", "+"])
  const until = performance.now() + 5_000
  let stored = ""
  // Without giving the loop a turn: what has not left by now could not.
  while (!stored.includes("at once") && performance.now() < until) stored = log().toString()
  expect(stored).toContain("at once")
  await written
  bench.expectNoErrors()
})
