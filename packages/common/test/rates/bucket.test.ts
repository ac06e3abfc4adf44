import fc from "fast-check"
import { expect, test } from "vitest"
import {
  decideRate,
  emptyBucket,
  joinBuckets,
  levelOf,
  type RateBucket,
  type RateFact,
  type RateVerdict,
  recentSpending,
} from "../../src/rates/bucket.ts"

const at = fc.integer({ min: 0, max: 200_000 })
const fact = fc
  .record({
    at,
    limit: fc.integer({ min: 1, max: 100_000 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    resetMs: at,
  })
  .map(({ part, ...rest }): RateFact => ({ ...rest, remaining: Math.floor(rest.limit * part) }))
const spending = fc.record({ at, requests: fc.constant(1), tokens: fc.integer({ min: 0, max: 20_000 }) })
const waiting = fc.record({ requests: fc.nat(5), tokens: fc.nat(20_000) })
const bucket: fc.Arbitrary<RateBucket> = fc.record({
  facts: fc.record({ requests: fact, tokens: fact }, { requiredKeys: [] }),
  blockedUntil: fc.oneof(fc.constant(0), at),
  spent: fc.array(spending, { maxLength: 20 }).map(all => all.sort((a, b) => a.at - b.at)),
  fastWaiting: waiting,
})
const waitOf = (verdict: RateVerdict): number => (verdict.go ? 0 : verdict.afterMs)
const tokens = fc.integer({ min: 0, max: 150_000 })

test("of what nothing is known, everything may go", () => {
  fc.assert(
    fc.property(tokens, at, (wanted, now) => {
      for (const lane of ["fast", "deep"] as const)
        expect(decideRate(emptyBucket, { lane, tokens: wanted }, now)).toEqual({ go: true })
    }),
  )
})

test("where a deep call may go, a fast one of the same size may, and it never waits longer", () => {
  fc.assert(
    fc.property(bucket, tokens, at, (known, wanted, now) => {
      const fast = decideRate(known, { lane: "fast", tokens: wanted }, now)
      const deep = decideRate(known, { lane: "deep", tokens: wanted }, now)
      expect(waitOf(fast)).toBeLessThanOrEqual(waitOf(deep))
    }),
  )
})

test("nobody goes before a block is over, and every wait has an end: after it, with nothing asked meanwhile, the call goes", () => {
  fc.assert(
    fc.property(
      bucket,
      fc.constantFrom("fast" as const, "deep" as const),
      tokens,
      at,
      (known, lane, wanted, now) => {
        const call = { lane, tokens: wanted }
        let verdict = decideRate(known, call, now)
        expect(waitOf(verdict)).toBeGreaterThanOrEqual(known.blockedUntil - now)
        let later = Math.max(
          now,
          known.spent.at(-1)?.at ?? 0,
          ...Object.values(known.facts).map(one => one.at),
        )
        verdict = decideRate(known, call, later)
        // A block, then what is short behind it.
        for (let rounds = 0; !verdict.go && rounds < 2; rounds += 1) {
          later += verdict.afterMs
          verdict = decideRate(known, call, later)
        }
        expect(verdict).toEqual({ go: true })
      },
    ),
  )
})

test("a level never rises above its limit, and what was asked before the provider spoke does not count twice", () => {
  fc.assert(
    fc.property(fact, fc.array(spending, { maxLength: 10 }), at, (known, spent, now) => {
      const sorted = spent.sort((a, b) => a.at - b.at)
      const level = levelOf(known, sorted, "tokens", now)
      expect(level).toBeLessThanOrEqual(known.limit)
      const later = sorted.filter(one => one.at > known.at)
      expect(level).toBe(levelOf(known, later, "tokens", now))
    }),
  )
})

test("callers that share what they know never ask for more than there is", () => {
  const calls = fc.array(
    fc.record({
      afterMs: fc.nat(3_000),
      lane: fc.constantFrom("fast" as const, "deep" as const),
      tokens: fc.integer({ min: 1, max: 900 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  fc.assert(
    fc.property(calls, fc.integer({ min: 900, max: 5_000 }), (all, limit) => {
      // The provider's own count, beside the callers' estimate.
      const provider = { level: limit, at: 0 }
      let known: RateBucket = {
        ...emptyBucket,
        facts: { tokens: { at: 0, limit, remaining: limit, resetMs: 0 } },
      }
      let now = 0
      for (const { afterMs, lane, tokens: wanted } of all) {
        now += afterMs + 1
        provider.level = Math.min(limit, provider.level + ((now - provider.at) * limit) / 60_000)
        provider.at = now
        if (!decideRate(known, { lane, tokens: wanted }, now).go) continue
        const kept = lane === "deep" ? Math.min(limit - wanted, limit * 0.25) : 0
        expect(provider.level - wanted).toBeGreaterThanOrEqual(kept - 1)
        provider.level -= wanted
        known = {
          ...known,
          spent: recentSpending([...known.spent, { at: now, requests: 1, tokens: wanted }], now),
        }
      }
    }),
  )
})

test("what is known is put together in any order, and hearing it twice changes no fact and no block", () => {
  const plain = (one: RateBucket) => ({ facts: one.facts, blockedUntil: one.blockedUntil })
  fc.assert(
    fc.property(bucket, bucket, bucket, (a, b, c) => {
      expect(plain(joinBuckets(a, b))).toEqual(plain(joinBuckets(b, a)))
      expect(plain(joinBuckets(joinBuckets(a, b), c))).toEqual(plain(joinBuckets(a, joinBuckets(b, c))))
      expect(plain(joinBuckets(a, a))).toEqual(plain(a))
    }),
  )
})

test("a deep call leaves a quarter, and what fast calls wait for; a fast one takes the last of it", () => {
  const facts = { requests: { at: 0, limit: 100, remaining: 25, resetMs: 0 } }
  const known = { ...emptyBucket, facts }
  expect(decideRate(known, { lane: "deep", tokens: 0 }, 0)).toEqual({
    go: false,
    afterMs: 600,
    short: "requests",
  })
  expect(decideRate(known, { lane: "fast", tokens: 0 }, 0)).toEqual({ go: true })
  const contended = { ...known, fastWaiting: { requests: 2, tokens: 0 } }
  expect(decideRate(contended, { lane: "deep", tokens: 0 }, 0)).toMatchObject({ afterMs: 1_800 })
})
