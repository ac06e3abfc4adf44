import { Queue } from "bullmq"
import { Redis } from "ioredis"

/** What each job of the floor carries: as many bytes as a task's request. */
export const payload = (index: number): { index: number; repo: string; prompt: string } => ({
  index,
  repo: "bench",
  prompt: promptOf(index),
})

/** A prompt of ordinary length, no two alike. */
export const promptOf = (index: number): string =>
  `Make the date parser accept week numbers (${index}), and add a test for the last week of a leap year.`

/** BullMQ as it comes, on one connection. */
export type RawQueue = AsyncDisposable & { queue: Queue; client: Redis }

/** The name of the floor's queue. */
export const rawQueueName = "raw"

/** Opens the floor's queue on the same Redis as ours. */
export const openRawQueue = (url: string): RawQueue => {
  const client = new Redis(url, { maxRetriesPerRequest: null })
  const queue = new Queue(rawQueueName, { connection: client, defaultJobOptions: { removeOnComplete: true } })
  return {
    queue,
    client,
    [Symbol.asyncDispose]: async () => {
      await queue.close()
      client.disconnect()
    },
  }
}
