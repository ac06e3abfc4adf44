import { type PrivateRedis, startRedis } from "@twolane/testkit"
import { Redis } from "ioredis"
import { startChild } from "../child.ts"
import { openRawQueue, payload } from "../floors/raw-queue.ts"
import type { RawWorkerInput, RawWorkerSays } from "../floors/raw-worker.ts"
import { fiveRounds, inFlight, inTurns, median } from "../measure.ts"
import { newTask, openBenchStore } from "../ours/store.ts"
import type { StoreWorkerInput, StoreWorkerSays } from "../ours/store-worker.ts"
import { profileRedis } from "../redis-profile.ts"
import { compare, type MeasureRow } from "../row.ts"

const concurrency = 50
/** Done first by each process, so that neither is measured while it is being compiled. */
const warmUp = 1_000
const jobs = 4_000
const tasks = 2_000
const repos = 25

/** Turns with a no-op engine, 50 at once, to their written end, by a process that is warm: against BullMQ draining its list. */
export const run: MeasureRow = async ({ signal }) => {
  await using redis = await startRedis()
  const cpu: number[] = []
  const found = await inTurns(
    { floor: () => floor(redis, signal), ours: () => ours(redis, cpu, signal) },
    fiveRounds(signal),
  )
  const medians = { floor: median(found.floor), ours: median(found.ours) }
  const client = new Redis(redis.url)
  const redisTime = await profileRedis(client, warmUp + tasks, () => ours(redis, cpu, signal))
  client.disconnect()
  return {
    lines: [compare("", "/s", medians, { atLeast: 0.3 })],
    profile: [
      `the worker's process takes ${median(cpu).toFixed(2)} ms CPU a turn`,
      `${redisTime}, submission included`,
    ],
  }
}

const floor = async (redis: PrivateRedis, signal: AbortSignal): Promise<number> => {
  await using raw = openRawQueue(redis.url)
  await raw.queue.addBulk(
    Array.from({ length: warmUp + jobs }, (_, index) => ({ name: "task", data: payload(index) })),
  )
  const input: RawWorkerInput = { url: redis.url, concurrency, mode: "drain", count: jobs, warmUp }
  await using worker = startChild<RawWorkerSays>("floors/raw-worker.ts", input)
  for (;;) {
    const said = await worker.next(signal)
    if ("drainedMs" in said) return (jobs / said.drainedMs) * 1000
  }
}

const ours = async (redis: PrivateRedis, cpu: number[], signal: AbortSignal): Promise<number> => {
  await using store = await openBenchStore(redis.url, { perRepo: concurrency })
  await using _upkeep = store.startUpkeep()
  const all = Array.from({ length: warmUp + tasks }, (_, index) =>
    newTask(index, store.now(), `repo-${index % repos}`),
  )
  await inFlight((warmUp + tasks) / 250, 1, at => store.createMany(all.slice(at * 250, at * 250 + 250)))
  const input: StoreWorkerInput = {
    url: redis.url,
    capacity: concurrency,
    perRepo: concurrency,
    mode: "drain",
    count: tasks,
    warmUp,
  }
  await using worker = startChild<StoreWorkerSays>("ours/store-worker.ts", input)
  for (;;) {
    const said = await worker.next(signal)
    if (!("drainedMs" in said)) continue
    cpu.push(said.cpuMs / tasks)
    return (tasks / said.drainedMs) * 1000
  }
}
