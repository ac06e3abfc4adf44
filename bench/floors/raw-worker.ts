/** A bare BullMQ worker with a no-op processor, as a process of its own. */
import { Worker } from "bullmq"
import { Redis } from "ioredis"
import { childSide } from "../child.ts"
import { preciseNow } from "../measure.ts"
import { rawQueueName } from "./raw-queue.ts"

/** `stamp`: tells when each job reached its processor. `drain`: tells how long `count` jobs took, once `warmUp` were done. */
export type RawWorkerInput = {
  url: string
  concurrency: number
  mode: "stamp" | "drain"
  count: number
  warmUp: number
}
/** What it says. */
export type RawWorkerSays = { ready: true } | { startedAt: number } | { drainedMs: number }

const { input, say } = childSide<RawWorkerInput>()
let warmAt = 0
let completed = 0

const worker = new Worker(
  rawQueueName,
  async () => {
    if (input.mode === "stamp") say({ startedAt: preciseNow() })
  },
  {
    connection: new Redis(input.url, { maxRetriesPerRequest: null }),
    concurrency: input.concurrency,
    removeOnComplete: { count: 0 },
  },
)
worker.on("completed", () => {
  completed += 1
  if (completed === input.warmUp) warmAt = preciseNow()
  if (input.mode === "drain" && completed === input.warmUp + input.count)
    say({ drainedMs: preciseNow() - warmAt })
})
worker.on("error", error => console.error(error))
await worker.waitUntilReady()
say({ ready: true })
