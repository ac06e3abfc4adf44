import { lanePatterns } from "./lane-patterns.ts"
import type { TaskRequest } from "./requests.ts"
import type { Lane } from "./terms.ts"

/** What is known of a repo beside the request. */
export type LaneFacts = {
  /** How many of the repo's newest fast turns are counted, and how many of these were handed off to the deep lane. */
  fastTurns: number
  handedOff: number
}

/** What `chooseLane` reads of a request. */
export type LaneRequest = Pick<
  TaskRequest,
  "prompt" | "scope" | "plan" | "publish" | "notBefore" | "after" | "changes" | "test"
>

type Read = { text: string; words: number; paths: number; facts: LaneFacts; request: LaneRequest }

/** A named reason for a lane; the weights of all that fire are added up, and what is above zero is deep. */
type Rule = { name: string; weight: number; fires: (read: Read) => boolean }

const has = (pattern: RegExp) => (read: Read) => pattern.test(read.text)

/** What makes the fast lane impossible or pointless, whatever else is asked. */
const deepOnly = 100

const rules: readonly Rule[] = [
  { name: "plan-first", weight: deepOnly, fires: ({ request }) => request.plan === "approve" },
  { name: "publishes", weight: deepOnly, fires: ({ request }) => (request.publish ?? "none") !== "none" },
  {
    name: "later",
    weight: deepOnly,
    fires: ({ request }) => request.notBefore !== undefined || (request.after ?? []).length > 0,
  },
  { name: "whole-suite", weight: 2, fires: ({ request }) => request.test === "all" },
  { name: "long-prompt", weight: 3, fires: ({ words }) => words > 120 },
  { name: "longer-than-a-sentence", weight: 1, fires: ({ words }) => words > 45 },
  { name: "short-prompt", weight: -1, fires: ({ words }) => words <= 25 },
  { name: "many-files-named", weight: 2, fires: ({ paths }) => paths > 3 },
  { name: "files-named", weight: -2, fires: ({ paths }) => paths > 0 && paths <= 3 },
  {
    name: "narrow-scope",
    weight: -2,
    fires: ({ request }) => request.scope?.every(glob => !glob.includes("**")) === true,
  },
  { name: "breadth", weight: 3, fires: has(lanePatterns.breadth) },
  { name: "large-verb", weight: 3, fires: has(lanePatterns.largeVerb) },
  { name: "feature", weight: 2, fires: has(lanePatterns.feature) },
  { name: "infrastructure", weight: 2, fires: has(lanePatterns.infrastructure) },
  {
    name: "several-steps",
    weight: 2,
    fires: ({ text }) =>
      (text.match(lanePatterns.listItem) ?? []).length >= 3 || lanePatterns.steps.test(text),
  },
  { name: "unknown-cause", weight: 2, fires: has(lanePatterns.unknownCause) },
  { name: "small-verb", weight: -2, fires: has(lanePatterns.smallVerb) },
  { name: "one-place", weight: -1, fires: has(lanePatterns.onePlace) },
  {
    name: "question",
    weight: -2,
    fires: ({ text, words }) =>
      words <= 40 && lanePatterns.question.test(text.trim()) && text.trim().endsWith("?"),
  },
  {
    name: "handed-off-before",
    weight: 2,
    fires: ({ facts }) => facts.fastTurns >= 5 && facts.handedOff / facts.fastTurns > 0.4,
  },
]

const maxReadChars = 20_000

/**
 * Chooses the lane for a request that leaves it open. Pure: named rules, each of which speaks for one lane; `fired` lists those that
 * did, for the turn's queue reason. A request that nothing speaks for goes fast, where the person sees at once whether it fits.
 */
export const chooseLane = (request: LaneRequest, facts: LaneFacts): { lane: Lane; fired: string[] } => {
  const text = request.prompt.slice(0, maxReadChars).toLowerCase()
  const read: Read = { text, words: wordsIn(request.prompt), paths: pathsIn(text), facts, request }
  const fired = rules.filter(rule => rule.fires(read))
  const sum = fired.reduce((total, { weight }) => total + weight, 0)
  return { lane: sum > 0 ? "deep" : "fast", fired: fired.map(({ name }) => name) }
}

const wordsIn = (prompt: string): number =>
  prompt
    .slice(0, maxReadChars)
    .split(/\s+/)
    .filter(word => word !== "").length + (prompt.length > maxReadChars ? 1_000 : 0)

/** Different files that are named: `src/a.ts`, `a.ts`. */
const pathsIn = (text: string): number =>
  new Set(
    text
      .split(/[\s"'`()<>,;:[\]{}|]+/)
      .filter(
        token => token.length <= 300 && lanePatterns.path.test(token.replace(lanePatterns.sentenceEnd, "")),
      ),
  ).size
