import type { Lane } from "@twolane/protocol"
import type { RateFact, RateKind, RateSpending } from "./bucket.ts"

/** Which bucket: a digest of the provider's address and key, never the key; and what people may see of it. */
export type RateName = { id: string; host: string; model: string }

/** What one worker does with a bucket. */
export type RateRow = {
  lane: Lane
  spent: RateSpending[]
  inFlight: number
  waiting: number
  /** The tokens that the waiting calls want. */
  waitingTokens: number
}

/** What one worker has learnt of a bucket. */
export type RateNews = { facts: { [Kind in RateKind]?: RateFact }; blockedUntil: number }

/** A bucket as all workers know it together. */
export type SharedRate = RateNews & { rows: readonly { worker: string; row: RateRow }[] }

/** Where workers tell each other what they know of a bucket. */
export type RateBook = {
  /** Tells what this worker does and has learnt, and answers what all know. */
  sync(name: RateName, row: RateRow, news: RateNews): Promise<SharedRate>
}
