import { expect, test } from "vitest"
import { durationMs, limitsInHeaders, limitsInWords } from "../../src/model/limits.ts"

const from = (headers: Record<string, string>) => limitsInHeaders(name => headers[name] ?? null)

test("limits are read from the usual headers", () => {
  expect(
    from({
      "x-ratelimit-limit-requests": "60",
      "x-ratelimit-remaining-requests": "59",
      "x-ratelimit-reset-requests": "1s",
      "x-ratelimit-limit-tokens": "150000",
      "x-ratelimit-remaining-tokens": "149984",
      "x-ratelimit-reset-tokens": "6m0s",
    }),
  ).toEqual({
    requests: { limit: 60, remaining: 59, resetMs: 1_000 },
    tokens: { limit: 150_000, remaining: 149_984, resetMs: 360_000 },
  })
})

test("of several windows the one counts of which the least is left", () => {
  expect(
    from({
      "x-ratelimit-limit-tokens-minute": "60000",
      "x-ratelimit-remaining-tokens-minute": "6000",
      "x-ratelimit-reset-tokens-minute": "11.38",
      "x-ratelimit-limit-tokens-day": "1000000",
      "x-ratelimit-remaining-tokens-day": "900000",
      "x-ratelimit-reset-tokens-day": "33011.38",
    }),
  ).toEqual({ tokens: { limit: 60_000, remaining: 6_000, resetMs: 11_380 } })
})

test("headers that make no sense say nothing", () => {
  expect(from({})).toEqual({})
  expect(from({ "x-ratelimit-limit-tokens": "many", "x-ratelimit-remaining-tokens": "1" })).toEqual({})
  expect(from({ "x-ratelimit-limit-tokens": "0", "x-ratelimit-remaining-tokens": "0" })).toEqual({})
})

test.each([
  ["1s", 1_000],
  ["6m0s", 360_000],
  ["120ms", 120],
  ["1h2m3.5s", 3_723_500],
  ["12.5", 12_500],
  ["soon", 0],
  ["", 0],
])("the duration %j is %d ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms)
})

test("a refusal in words tells the limit and what was used", () => {
  const message =
    "Rate limit reached for gpt-5.3-codex in organization org-x on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 1.898s. Visit …"
  expect(limitsInWords(message)).toEqual({ tokens: { limit: 30_000, remaining: 1_000, resetMs: 58_000 } })
  expect(limitsInWords("Rate limit reached.")).toEqual({})
})
