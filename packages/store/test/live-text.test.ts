import type { TaskDelta } from "@twolane/protocol"
import { Redis } from "ioredis"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Attempt, Store, TaskRef } from "../src/index.ts"
import { taskKeys } from "../src/keys.ts"
import { type Bench, newTask, startBench, until, untilAborted, workerOf } from "./open-for-test.ts"

let bench: Bench
let gateway: Store
let upkeep: AsyncDisposable
let redis: Redis
beforeEach(async () => {
  bench = await startBench()
  gateway = await bench.open()
  upkeep = gateway.startUpkeep()
  redis = new Redis(bench.url)
})
afterEach(async () => {
  redis.disconnect()
  await upkeep[Symbol.asyncDispose]()
  bench.expectNoErrors()
  await bench[Symbol.asyncDispose]()
})

test("live text of many turns leaves together, each to its own task; that of a worker that was replaced does not", async () => {
  const store = await bench.open()
  const attempts = new Map<string, Attempt>()
  await using _worker = await store.startWorker(
    workerOf(async attempt => {
      attempts.set(attempt.task, attempt)
      await untilAborted(attempt)
    }),
  )
  const [speaks, replaced] = [newTask(), newTask()]
  for (const task of [speaks, replaced]) await gateway.create(task)
  await until(async () => attempts.size === 2)
  const stop = new AbortController()
  const heard = [speaks, replaced].map(task => nextDelta(task, stop.signal))
  await until(
    async () =>
      (await redis.pubsub("NUMSUB", ...[speaks, replaced].map(textOf))).join().match(/,1/g)?.length === 2,
  )
  await redis.hset(taskKeys(replaced).state, "owner", 2)
  for (const attempt of attempts.values()) attempt.delta({ type: "message.delta", text: attempt.task })
  expect(await heard[0]).toMatchObject({ text: speaks.task, attempt: 1 })
  // What left with it has come by now: the next to be heard is this.
  await redis.publish(
    textOf(replaced),
    JSON.stringify({ a: 1, t: replaced.turn, d: [{ type: "message.delta", text: "later", at: 0 }] }),
  )
  expect(await heard[1]).toMatchObject({ type: "message.delta", text: "later" })
  stop.abort()
})

const textOf = (task: TaskRef): string => taskKeys(task).text

/** The next piece of live text that watchers of a task get. */
const nextDelta = async (task: TaskRef, signal: AbortSignal): Promise<TaskDelta | null> => {
  for await (const item of gateway.follow(task, "0-0", signal)) if (!("id" in item)) return item
  return null
}
