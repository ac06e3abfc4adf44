import { createHash } from "node:crypto"
import { sleep } from "@twolane/common/lifetime"
import { emptyBucket, joinBuckets, type RateBucket, recentSpending } from "@twolane/common/rates/bucket"
import type { RateBook, RateName, RateRow } from "@twolane/common/rates/share"
import type { Lane } from "@twolane/protocol"
import { type KeptRate, makeGate, type RateTiming } from "./make-gate.ts"
import type { ModelEndpoint } from "./port.ts"
import type { RateGates } from "./rate-gate.ts"

/** What a process' rates are kept with: its lane, its clock (epoch ms, the same for all workers), and where they are shared. */
export type RateOptions = {
  lane: Lane
  worker: string
  now: () => number
  book: RateBook
  onError: (error: unknown) => void
  timing?: Partial<RateTiming>
}

const defaultTiming: RateTiming = {
  // A person waits for the fast lane; the deep lane has time, but a worker's slot is not held for ever.
  patienceMs: { fast: 5_000, deep: 120_000 },
  syncMs: 1_000,
  tellAfterMs: 250,
}
/** A bucket that was not used for so long is not followed until it is used again. */
const idleMs = 10 * 60_000
/** Requests may name any model: so many are kept in mind. */
const mostBuckets = 100
/** What one worker tells of its own calls. */
const mostSpending = 200

/** The rates of one process; disposing it ends the telling. */
export type Rates = RateGates & AsyncDisposable & { sync(): Promise<void> }

/**
 * Keeps the limits of the providers that a process calls. A call is decided on from the copy that is kept here; telling the other workers,
 * and hearing from them, goes on beside.
 */
export const keepRates = (options: RateOptions): Rates => {
  const timing = { ...defaultTiming, ...options.timing }
  const { lane, now, worker, book } = options
  const buckets = new Map<string, KeptRate>()
  const over = new AbortController()
  let syncing: Promise<void> | null = null
  let again = false

  const syncAll = async (): Promise<void> => {
    const results = await Promise.allSettled([...buckets.values()].map(kept => tell(kept)))
    for (const result of results) if (result.status === "rejected") options.onError(result.reason)
  }
  const tell = async (kept: KeptRate): Promise<void> => {
    if (now() - kept.usedAt > idleMs) return
    const { facts, blockedUntil } = kept.shared
    const known = await book.sync(kept.name, rowOf(kept, lane, now()), { facts, blockedUntil })
    const others = known.rows.filter(row => row.worker !== worker).map(({ row }) => row)
    // What was learnt while the answer was on its way stays.
    kept.shared = joinBuckets(
      { ...emptyBucket, facts: kept.shared.facts, blockedUntil: kept.shared.blockedUntil },
      { facts: known.facts, blockedUntil: known.blockedUntil, ...doingOf(others) },
    )
  }
  /** At once, or once more when one is under way. */
  const sync = async (): Promise<void> => {
    if (over.signal.aborted) return
    if (syncing !== null) {
      again = true
      return syncing
    }
    syncing = (async () => {
      do {
        again = false
        await syncAll()
      } while (again && !over.signal.aborted)
    })()
    await syncing
    syncing = null
  }
  const ticking = (async () => {
    while (!over.signal.aborted) {
      await sync()
      await sleep(timing.syncMs, over.signal)
    }
  })().catch(() => undefined) // disposed

  return {
    sync,
    gateOf: endpoint => {
      const kept = keptOf(buckets, nameOf(endpoint), now())
      return makeGate({ kept, lane, now, timing, onNews: () => void sync() })
    },
    [Symbol.asyncDispose]: async () => {
      over.abort({ by: "shutdown" })
      await ticking
      await syncing
    },
  }
}

const keptOf = (buckets: Map<string, KeptRate>, name: RateName, usedAt: number): KeptRate => {
  const key = name.id + name.model
  const known = buckets.get(key)
  if (known !== undefined) return known
  const kept = { name, shared: emptyBucket, spent: [], waiting: new Map(), inFlight: 0, usedAt }
  const [oldest] = buckets.keys()
  if (buckets.size >= mostBuckets && oldest !== undefined) buckets.delete(oldest)
  buckets.set(key, kept)
  return kept
}

/** The key itself goes nowhere. */
const nameOf = ({ baseUrl, apiKey, model }: ModelEndpoint): RateName => ({
  id: createHash("sha256").update(`${baseUrl}\n${apiKey}`).digest("base64url").slice(0, 22),
  host: new URL(baseUrl).host,
  model,
})

const rowOf = (kept: KeptRate, lane: Lane, now: number): RateRow => {
  // What was asked before the provider spoke is in what it said; of what it never spoke nothing need be told.
  const heardAt = Object.values(kept.shared.facts).map(({ at }) => at)
  const since = heardAt.length === 0 ? now : Math.min(...heardAt)
  kept.spent = recentSpending(kept.spent, now)
    .filter(({ at }) => at > since)
    .slice(-mostSpending)
  const waitingTokens = [...kept.waiting.values()].reduce((sum, tokens) => sum + tokens, 0)
  return { lane, spent: kept.spent, inFlight: kept.inFlight, waiting: kept.waiting.size, waitingTokens }
}

/** What others have asked, and wait to ask. */
const doingOf = (rows: readonly RateRow[]): Pick<RateBucket, "spent" | "fastWaiting"> => {
  const fast = rows.filter(row => row.lane === "fast")
  return {
    spent: rows.flatMap(({ spent }) => spent),
    fastWaiting: {
      requests: fast.reduce((sum, { waiting }) => sum + waiting, 0),
      tokens: fast.reduce((sum, { waitingTokens }) => sum + waitingTokens, 0),
    },
  }
}
