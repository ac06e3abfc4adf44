/** A bare BullMQ worker with a no-op processor, as a process of its own. */
import { Worker } from "bullmq"
import { Redis } from "ioredis"
import { childSide } from "../child.ts"
import { preciseNow } from "../measure.ts"
import { rawQueueName } from "./raw-queue.ts"

/** `stamp`: tells when each job reached its processor. `drain`: tells how long the first `count` jobs took. */
export type RawWorkerInput = { url: string; concurrency: number; mode: "stamp" | "drain"; count: number }
/** What it says. */
export type RawWorkerSays = { ready: true } | { startedAt: number } | { drainedMs: number }

const { input, say } = childSide<RawWorkerInput>()
let firstAt = 0
let completed = 0

const worker = new Worker(
  rawQueueName,
  async () => {
    if (input.mode === "stamp") say({ startedAt: preciseNow() })
    else if (firstAt === 0) firstAt = preciseNow()
  },
  {
    connection: new Redis(input.url, { maxRetriesPerRequest: null }),
    concurrency: input.concurrency,
    removeOnComplete: { count: 0 },
  },
)
worker.on("completed", () => {
  completed += 1
  if (input.mode === "drain" && completed === input.count) say({ drainedMs: preciseNow() - firstAt })
})
worker.on("error", error => console.error(error))
await worker.waitUntilReady()
say({ ready: true })
