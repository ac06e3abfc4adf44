import { isFinal } from "./final.ts"
import type { Candidate } from "./group.ts"

type Unranked = Omit<Candidate, "rank" | "reason">

/** One thing that candidates are compared by, smaller is better; and how it is said of the better one. */
type Measure = {
  of: (candidate: Unranked) => number
  words: (better: number, worse: number) => string
}

/**
 * Puts candidates in order, best first, each with the reason in words: how far it came (accepted, green, unproven, at work, red, nothing), then
 * guardrail trips, the size of the diff, cost, and time. Pure; those that nothing tells apart stand in the order of their ids, whatever order they came in.
 */
export const rankCandidates = (candidates: readonly Unranked[]): Candidate[] => {
  const chosen = candidates.some(({ review }) => review === "accepted")
  const measures = [standing(chosen), ...rest]
  const ordered = candidates.toSorted(
    (a, b) => firstDifference(measures, a, b)?.difference ?? (a.task < b.task ? -1 : 1),
  )
  return ordered.map((candidate, index) => {
    const next = ordered[index + 1]
    const words = standingWords(candidate)
    const ahead = next === undefined ? "" : `; ${aheadOf(measures, candidate, next)}`
    return { ...candidate, rank: index + 1, reason: `${words}${ahead}` }
  })
}

const firstDifference = (measures: readonly Measure[], a: Unranked, b: Unranked) => {
  for (const measure of measures) {
    const difference = measure.of(a) - measure.of(b)
    if (difference !== 0) return { measure, difference }
  }
  return undefined
}

const aheadOf = (measures: readonly Measure[], better: Unranked, worse: Unranked): string => {
  const found = firstDifference(measures, better, worse)
  if (found === undefined) return "nothing tells it from the next one"
  const { of, words } = found.measure
  return words(of(better), of(worse))
}

/** How far a candidate came: smaller is better. */
const levels = ["accepted", "green", "unproven", "at work", "red", "nothing", "discarded"] as const
type Level = (typeof levels)[number]

const levelOf = (candidate: Unranked, chosen: boolean): Level => {
  const { review, status, tests, change, outcome } = candidate
  if (review === "accepted") return "accepted"
  // Once one was accepted all others are discarded, and their order is that of what they came to.
  if (review === "discarded" && !chosen) return "discarded"
  if (!isFinal(status)) return "at work"
  if ((change?.files ?? 0) === 0) return "nothing"
  if (outcome?.status !== "succeeded") return "red"
  if (tests?.status === "passed") return "green"
  return tests === undefined || tests.status === "none_selected" ? "unproven" : "red"
}

const standing = (chosen: boolean): Measure => ({
  of: candidate => levels.indexOf(levelOf(candidate, chosen)),
  words: (_better, worse) => `the next one ${levelWords[levels[worse] ?? "nothing"]}`,
})

const levelWords: Record<Level, string> = {
  accepted: "was accepted",
  green: "is green",
  unproven: "has no test that says anything",
  "at work": "has not ended",
  red: "is not green",
  nothing: "has no change",
  discarded: "was discarded",
}

const sumOf = (trips: Record<string, number>): number =>
  Object.values(trips).reduce((sum, times) => sum + times, 0)

const rest: readonly Measure[] = [
  {
    of: ({ trips }) => sumOf(trips),
    words: (better, worse) => `fewer guardrail trips than the next one (${better}, not ${worse})`,
  },
  {
    of: ({ change }) => (change === undefined ? 0 : change.added + change.removed),
    words: (better, worse) => `a smaller change than the next one (${better} lines, not ${worse})`,
  },
  {
    of: ({ usage }) => usage.costUsd ?? 0,
    words: (better, worse) => `cheaper than the next one ($${better.toFixed(2)}, not $${worse.toFixed(2)})`,
  },
  {
    of: ({ runningMs }) => Math.round(runningMs / 1_000),
    words: (better, worse) => `faster than the next one (${better} s, not ${worse} s)`,
  },
]

/** What a candidate came to, in words. */
const standingWords = ({ review, status, outcome, tests, change }: Unranked): string => {
  if (review === "accepted") return "it was accepted"
  if (!isFinal(status)) return `it is ${status}`
  const ended = endWords(outcome, status)
  if ((change?.files ?? 0) === 0) return `it ${ended} without a change`
  const tested = tests === undefined ? "no tests ran" : testWords[tests.status]
  const discarded = review === "discarded" ? ", and was discarded" : ""
  return `it ${ended}, and ${tested}${discarded}`
}

const endWords = (outcome: Unranked["outcome"], status: Unranked["status"]): string => {
  if (outcome?.status === "failed") return `failed (${outcome.code})`
  if (outcome?.status === "limited") return `reached its limit of ${outcome.which}`
  if (status === "canceled") return "was canceled"
  return status === "handed_off" ? "was handed off" : status
}

const testWords = {
  passed: "its tests passed",
  failed: "its tests failed",
  none_selected: "no test was selected",
  flaky: "its tests are flaky",
  timed_out: "its tests took too long",
  error: "its tests could not run",
} as const
