import { sleep } from "@twolane/common/lifetime"
import {
  decideRate,
  emptyBucket,
  joinBuckets,
  type RateBucket,
  type RateSpending,
  type RateVerdict,
  recentSpending,
} from "@twolane/common/rates/bucket"
import type { RateName } from "@twolane/common/rates/share"
import type { Lane } from "@twolane/protocol"
import type { RateGate, RatePass, RateRefusal, RateWait } from "./rate-gate.ts"

/** How long calls wait, how often workers tell each other what they know, and how long a wait is before people are told of it. */
export type RateTiming = { patienceMs: Record<Lane, number>; syncMs: number; tellAfterMs: number }

/** One bucket as a process knows it. */
export type KeptRate = {
  name: RateName
  /** Facts and blocks, and what the others do, as of the last telling. */
  shared: RateBucket
  spent: RateSpending[]
  /** The tokens that each waiting call wants. */
  waiting: Map<symbol, number>
  inFlight: number
  usedAt: number
}

/** What a gate is made of; `onNews` tells the other workers at once. */
export type GateParts = {
  kept: KeptRate
  lane: Lane
  now: () => number
  timing: RateTiming
  onNews: () => void
}

/** The gate of one bucket. Who may go is decided from what is known here: nothing is asked of anybody. */
export const makeGate = (parts: GateParts): RateGate => {
  const { kept, now, onNews } = parts
  const learn = (more: Partial<RateBucket>) => {
    kept.shared = joinBuckets(kept.shared, { ...emptyBucket, ...more })
  }
  return {
    enter: async ({ tokens: count }, onWait, signal) => {
      signal.throwIfAborted()
      kept.usedAt = now()
      const tokens = countIfNeeded(kept, count)
      if (decide(parts, tokens).go) return pass(parts, tokens)
      const waiter = Symbol("waiting")
      kept.waiting.set(waiter, tokens)
      onNews()
      try {
        return (await waitForRoom(parts, tokens, onWait, signal)) ?? pass(parts, tokens)
      } finally {
        kept.waiting.delete(waiter)
      }
    },
    hasRoom: ({ tokens: count }) => decide(parts, countIfNeeded(kept, count)).go,
    learn: limits => {
      const heard = Object.entries(limits)
      if (heard.length === 0) return
      const at = now()
      learn({ facts: Object.fromEntries(heard.map(([kind, fact]) => [kind, { ...fact, at }])) })
      // Where there is plenty, the next telling is soon enough.
      if (heard.some(([, { remaining, limit }]) => remaining < limit / 2)) onNews()
    },
    block: forMs => {
      learn({ blockedUntil: now() + forMs })
      onNews()
    },
  }
}

/** Counting a long conversation takes time: only where tokens are counted. */
const countIfNeeded = ({ shared }: KeptRate, count: () => number): number =>
  shared.facts.tokens === undefined ? 0 : count()

const decide = ({ kept, lane, now }: GateParts, tokens: number): RateVerdict => {
  const own = { ...emptyBucket, spent: recentSpending(kept.spent, now()) }
  return decideRate(joinBuckets(kept.shared, own), { lane, tokens }, now())
}

const pass = ({ kept, now }: GateParts, tokens: number): RatePass => {
  kept.spent.push({ at: now(), requests: 1, tokens })
  kept.inFlight += 1
  let isOver = false
  return {
    ok: true,
    leave: () => {
      if (!isOver) kept.inFlight -= 1
      isOver = true
    },
  }
}

/** Null: the call may go, since there is room, or since it has waited long enough and the provider has the last word. */
const waitForRoom = async (
  parts: GateParts,
  tokens: number,
  onWait: (wait: RateWait) => void,
  signal: AbortSignal,
): Promise<RateRefusal | null> => {
  const { kept, lane, timing } = parts
  const startedAt = performance.now()
  let told = false
  for (let verdict = decide(parts, tokens); !verdict.go; verdict = decide(parts, tokens)) {
    const waitedMs = performance.now() - startedAt
    const leftMs = timing.patienceMs[lane] - waitedMs
    if (verdict.short === "blocked" && verdict.afterMs > leftMs) return refusalOf(kept.name, verdict.afterMs)
    if (leftMs <= 0) return null
    const nextMs = Math.min(verdict.afterMs, leftMs)
    if (!told && waitedMs + nextMs >= timing.tellAfterMs) {
      told = true
      onWait({ detail: detailOf(verdict, kept.name), atMostMs: Math.ceil(leftMs) })
    }
    // What other workers learn meanwhile may change it.
    await sleep(Math.min(nextMs, timing.syncMs), signal)
  }
  return null
}

const refusalOf = ({ host, model }: RateName, afterMs: number): RateRefusal => ({
  ok: false,
  code: "model-rate-limited",
  detail: `${host} asked that ${model} be left alone for ${Math.ceil(afterMs / 1_000)} s`,
  retryAfterMs: Math.ceil(afterMs),
})

const detailOf = (verdict: Extract<RateVerdict, { go: false }>, { host, model }: RateName): string =>
  verdict.short === "blocked"
    ? `${host} asked that ${model} be left alone for a while`
    : `the limit of ${verdict.short} of ${model} at ${host} is nearly used up`
