import { startRedis } from "@twolane/testkit"
import { startChild } from "../child.ts"
import { openRawQueue, payload } from "../floors/raw-queue.ts"
import type { RawWorkerInput, RawWorkerSays } from "../floors/raw-worker.ts"
import { inTurns, median, preciseNow, quantile } from "../measure.ts"
import { newTask, openBenchStore } from "../ours/store.ts"
import type { StoreWorkerInput, StoreWorkerSays } from "../ours/store-worker.ts"
import { compare, type MeasureRow } from "../row.ts"

const samplesPerRound = 100
/** So that each start meets a worker that waits. */
const restMs = 10

/** One task into an idle house: from the submission to the turn's run in a worker process, against BullMQ's add → processor. */
export const run: MeasureRow = async ({ signal }) => {
  await using redis = await startRedis()
  await using raw = openRawQueue(redis.url)
  await using store = await openBenchStore(redis.url)
  await using _upkeep = store.startUpkeep()
  const rawInput: RawWorkerInput = { url: redis.url, concurrency: 4, mode: "stamp", count: 0, warmUp: 0 }
  await using rawWorker = startChild<RawWorkerSays>("floors/raw-worker.ts", rawInput)
  await rawWorker.next(signal)
  const ourInput: StoreWorkerInput = {
    url: redis.url,
    capacity: 4,
    perRepo: 4,
    mode: "stamp",
    count: 0,
    warmUp: 0,
  }
  await using ourWorker = startChild<StoreWorkerSays>("ours/store-worker.ts", ourInput)
  await ourWorker.next(signal)

  const createMs: number[] = []
  const found = await inTurns(
    {
      floor: samples(async index => {
        const sentAt = preciseNow()
        await raw.queue.add("task", payload(index))
        return (await startOf(rawWorker.next(signal))) - sentAt
      }),
      ours: samples(async index => {
        const sentAt = preciseNow()
        await store.create(newTask(index, store.now()))
        createMs.push(preciseNow() - sentAt)
        return (await startOf(ourWorker.next(signal))) - sentAt
      }),
    },
    { warmUps: 3, rounds: 5, signal }, // both sides run compiled code by then, as in a house that has been up for minutes
  )
  const line = compare("", "ms", { floor: median(found.floor), ours: median(found.ours) }, { atMost: 2 })
  const p99 = `p99 ${quantile(found.ours, 0.99).toFixed(1)} ms, its control's ${quantile(found.floor, 0.99).toFixed(1)}`
  return { lines: [line], profile: [`the submission itself takes ${median(createMs).toFixed(2)} ms; ${p99}`] }
}

const samples = (once: (index: number) => Promise<number>) => async (): Promise<number[]> => {
  const figures: number[] = []
  for (let index = 0; index < samplesPerRound; index += 1) {
    figures.push(await once(index))
    await new Promise(resolve => setTimeout(resolve, restMs))
  }
  return figures
}

const startOf = async (said: Promise<RawWorkerSays | StoreWorkerSays>): Promise<number> => {
  const message = await said
  if (!("startedAt" in message)) throw new Error("the worker said something else than a start")
  return message.startedAt
}
