/**
 * A provider's rate limits as its callers know them together: what the provider last said, and what was asked of it since. Pure; times
 * are epoch ms of one clock.
 */
import type { Lane } from "@twolane/protocol"

/** What a provider counts. */
export type RateKind = "requests" | "tokens"

/** One limit as the provider told it at some time; `resetMs` is how long until it would be whole again. */
export type RateFact = { at: number; limit: number; remaining: number; resetMs: number }

/** What was asked of the provider at a time. */
export type RateSpending = { at: number; requests: number; tokens: number }

/** All that is known of one bucket. */
export type RateBucket = {
  facts: { [Kind in RateKind]?: RateFact }
  /** The provider asked to be left alone until then; 0 when it did not. */
  blockedUntil: number
  /** Oldest first. */
  spent: readonly RateSpending[]
  /** What calls of the fast lane wait for. */
  fastWaiting: { requests: number; tokens: number }
}

/** A call about to be made: its input, and the output that it may ask for. */
export type RateCall = { lane: Lane; tokens: number }

/** Whether a call may be made; else how long until it might, and what is short. */
export type RateVerdict = { go: true } | { go: false; afterMs: number; short: RateKind | "blocked" }

/** The part of a limit that the deep lane leaves to the fast one. */
const reserved = 0.25
/** The usual window, where the provider says nothing from which it could be told. */
const windowMs = 60_000
const kinds = ["requests", "tokens"] as const

/** A bucket of which nothing is known: everything may go. */
export const emptyBucket: RateBucket = {
  facts: {},
  blockedUntil: 0,
  spent: [],
  fastWaiting: { requests: 0, tokens: 0 },
}

/** Decides about a call. What is not known stops nothing: the provider has the last word. */
export const decideRate = (bucket: RateBucket, call: RateCall, now: number): RateVerdict => {
  if (bucket.blockedUntil > now) return { go: false, afterMs: bucket.blockedUntil - now, short: "blocked" }
  let worst: RateVerdict = { go: true }
  for (const kind of kinds) {
    const fact = bucket.facts[kind]
    if (fact === undefined) continue
    const missing = needed(bucket, call, kind, fact) - levelOf(fact, bucket.spent, kind, now)
    // Rounding must not turn the last moment of a wait into another one.
    if (missing <= 1e-6) continue
    const afterMs = Math.ceil(missing / refillOf(fact))
    if (worst.go || afterMs > worst.afterMs) worst = { go: false, afterMs, short: kind }
  }
  return worst
}

/** How much a call needs to be there. One that is larger than the limit goes when the bucket is full. */
const needed = (
  { fastWaiting }: RateBucket,
  { lane, tokens }: RateCall,
  kind: RateKind,
  { limit }: RateFact,
): number => {
  const cost = kind === "requests" ? 1 : tokens
  const left = lane === "deep" ? limit * reserved + fastWaiting[kind] : 0
  return Math.min(limit, cost + left)
}

/** How much of a limit is there now, by what was told and what was asked since; below zero when more was asked than there was. */
export const levelOf = (
  fact: RateFact,
  spent: readonly RateSpending[],
  kind: RateKind,
  now: number,
): number => {
  const refill = refillOf(fact)
  let level = fact.remaining
  let at = fact.at
  const rise = (until: number): void => {
    level = Math.min(fact.limit, level + Math.max(0, until - at) * refill)
    at = Math.max(at, until)
  }
  for (const spending of spent) {
    // What was asked before was counted in what the provider said.
    if (spending.at <= fact.at) continue
    rise(spending.at)
    level -= spending[kind]
  }
  rise(now)
  return level
}

/** How much comes back each ms. */
const refillOf = ({ limit, remaining, resetMs }: RateFact): number =>
  resetMs > 0 && remaining < limit ? (limit - remaining) / resetMs : limit / windowMs

/** What two know of a bucket, put together: the newest facts, the longest block, everybody's spending and waiting. */
export const joinBuckets = (one: RateBucket, other: RateBucket): RateBucket => ({
  facts: Object.fromEntries(
    kinds.flatMap(kind => {
      const fact = newest(one.facts[kind], other.facts[kind])
      return fact === undefined ? [] : [[kind, fact]]
    }),
  ),
  blockedUntil: Math.max(one.blockedUntil, other.blockedUntil),
  spent: [...one.spent, ...other.spent].sort((a, b) => a.at - b.at),
  fastWaiting: {
    requests: one.fastWaiting.requests + other.fastWaiting.requests,
    tokens: one.fastWaiting.tokens + other.fastWaiting.tokens,
  },
})

/** Of two facts of the same time the one that leaves less, for longer: in whatever order they are heard. */
const newest = (one: RateFact | undefined, other: RateFact | undefined): RateFact | undefined => {
  if (one === undefined || other === undefined) return one ?? other
  const less =
    other.at - one.at ||
    one.remaining - other.remaining ||
    other.resetMs - one.resetMs ||
    one.limit - other.limit
  return less <= 0 ? one : other
}

/** Spending that can still matter: what is older has long come back. */
export const recentSpending = (spent: readonly RateSpending[], now: number): RateSpending[] =>
  spent.filter(({ at }) => now - at < 2 * windowMs)
