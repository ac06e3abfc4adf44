/** A worker process over the product's store, whose turns end at once. What BullMQ's bare worker is compared with. */
import { hostname } from "node:os"
import { childSide } from "../child.ts"
import { preciseNow } from "../measure.ts"
import { endCanceled, endWell, openBenchStore } from "./store.ts"

/**
 * `stamp`: tells when each turn reached its run. `drain`: tells how long `count` turns took to their written end, once `warmUp` were
 * done. `hold`: tells each start, and holds the turn for ever. `obey`: tells nothing, and holds each turn until it is canceled.
 */
export type StoreWorkerInput = {
  url: string
  capacity: number
  perRepo: number
  mode: "stamp" | "drain" | "hold" | "obey"
  count: number
  warmUp: number
}
/** What it says. */
export type StoreWorkerSays =
  | { ready: true }
  | { startedAt: number; task: string; attempt: number }
  | { drainedMs: number; cpuMs: number }

const { input, say } = childSide<StoreWorkerInput>()
let warmAt = 0
let warmCpuMs = 0
let ended = 0

const store = await openBenchStore(input.url, { perRepo: input.perRepo })
store.startUpkeep()
await store.startWorker({
  lane: "deep",
  id: `bench-${process.pid}`,
  capacity: input.capacity,
  version: "bench",
  sandbox: "none",
  host: hostname(),
  started: () => ({ model: "none", engine: "noop" }),
  holding: () => null,
  run: async attempt => {
    if (input.mode === "obey") {
      if (!attempt.signal.aborted)
        await new Promise(resolve => attempt.signal.addEventListener("abort", resolve))
      return void (await attempt.write((state, now) => endCanceled(state, attempt.turn, now)))
    }
    if (input.mode !== "drain") say({ startedAt: preciseNow(), task: attempt.task, attempt: attempt.attempt })
    if (input.mode === "hold") await new Promise(() => {})
    await attempt.write((state, now) => endWell(state, attempt.turn, now))
    ended += 1
    if (ended === input.warmUp) {
      warmAt = preciseNow()
      warmCpuMs = cpuMs()
    }
    if (input.mode === "drain" && ended === input.warmUp + input.count)
      say({ drainedMs: preciseNow() - warmAt, cpuMs: cpuMs() - warmCpuMs })
  },
  deliver: async () => ({ ok: false, code: "internal", detail: "the bench delivers nothing" }),
})
say({ ready: true })

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
