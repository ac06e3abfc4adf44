import { startRedis } from "@twolane/testkit"
import { Redis } from "ioredis"
import { openRawQueue, payload } from "../floors/raw-queue.ts"
import { newTask, openBenchStore } from "../ours/store.ts"
import { usedBytes } from "../redis-profile.ts"
import type { MeasureRow } from "../row.ts"

const count = 10_000
const perCall = 250
const goalBytes = 6 * 1024

/** What a waiting task takes in Redis, in all, beside what a BullMQ job takes. */
export const run: MeasureRow = async ({ signal }) => {
  const jobBytes = await eachOf(async url => {
    await using raw = openRawQueue(url)
    for (let at = 0; at < count; at += perCall) {
      signal.throwIfAborted()
      await raw.queue.addBulk(
        numbers(at).map(index => ({ name: "task", data: payload(index), opts: { priority: 1 } })),
      )
    }
  })
  const taskBytes = await eachOf(async url => {
    await using store = await openBenchStore(url)
    await using _upkeep = store.startUpkeep()
    for (let at = 0; at < count; at += perCall) {
      signal.throwIfAborted()
      await store.createMany(numbers(at).map(index => newTask(index, store.now(), `repo-${index % 20}`)))
    }
  })
  const line = {
    what: "a waiting task",
    floor: jobBytes,
    ours: taskBytes,
    unit: "B",
    ratio: taskBytes / jobBytes,
    goal: "≤ 6 KB",
    ok: taskBytes <= goalBytes,
  } as const
  return { lines: [line], profile: ["what a finished one takes: the row history"] }
}

const numbers = (from: number): number[] => Array.from({ length: perCall }, (_, index) => from + index)

/** Bytes that each of `count` things takes in a Redis of its own. */
const eachOf = async (fill: (url: string) => Promise<void>): Promise<number> => {
  await using redis = await startRedis()
  const client = new Redis(redis.url)
  try {
    const before = await usedBytes(client)
    await fill(redis.url)
    return ((await usedBytes(client)) - before) / count
  } finally {
    client.disconnect()
  }
}
