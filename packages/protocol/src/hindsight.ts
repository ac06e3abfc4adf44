import { z } from "zod"
import type { TaskState, TurnState } from "./state.ts"
import { Lane, TurnStatus } from "./terms.ts"

/** Why a lane would have been the better one; each speaks for the lane that it names. */
export const HindsightReason = z.object({
  name: z.enum([
    "handed-off",
    "hit-a-limit",
    "many-red-cycles",
    "large-change",
    "many-turns",
    "started-over",
    "small-change",
    "quick-run",
    "waited-longer-than-it-ran",
  ]),
  speaksFor: Lane,
  /** The figures, in words. */
  detail: z.string(),
})
export type HindsightReason = z.infer<typeof HindsightReason>

/** Which lane a task took, and which one should have taken it. */
export const Hindsight = z.object({
  task: z.string(),
  title: z.string(),
  repo: z.string(),
  status: TurnStatus,
  endedAt: z.number().int(),
  took: Lane,
  should: Lane,
  reasons: z.array(HindsightReason),
})
export type Hindsight = z.infer<typeof Hindsight>

/** What the fast lane's default guardrails take: a change within them fits it. */
const smallFiles = 3
const smallLines = 80
/** The fast lane's default `maxSeconds`. */
const quickMs = 120_000
const manyCycles = 3
const manyTurns = 4

/**
 * Which lane should have taken a task, by what its log says of how it went. Every reason has one voice; without more voices for the other
 * lane, the one that took it was right. Null while a turn is open.
 */
export const hindsight = (state: TaskState): Hindsight | null => {
  const first = state.turns[0]
  const last = state.turns.at(-1)
  if (first === undefined || last?.endedAt === undefined) return null
  const took = first.lane
  const reasons = took === "fast" ? forDeep(state) : forFast(state)
  const voices = (lane: Lane) => reasons.filter(({ speaksFor }) => speaksFor === lane).length
  const other: Lane = took === "fast" ? "deep" : "fast"
  const should = voices(other) > voices(took) ? other : took
  const { id: task, title, repo } = state
  return { task, title, repo, status: last.status, endedAt: last.endedAt, took, should, reasons }
}

/** What speaks about a task that began in the fast lane. */
const forDeep = (state: TaskState): HindsightReason[] => {
  const fast = state.turns.filter(({ lane }) => lane === "fast")
  const ended = (status: TurnState["status"]) => fast.filter(turn => turn.status === status).length
  const cycles = Math.max(...fast.map(turn => turn.cycles))
  return [
    ...voice(ended("handed_off") > 0, "handed-off", "deep", `${times(ended("handed_off"))} to the deep lane`),
    ...voice(ended("limited") > 0, "hit-a-limit", "deep", limitsOf(fast)),
    ...voice(cycles >= manyCycles, "many-red-cycles", "deep", `${cycles} red test results in one turn`),
    ...voice(fast.length >= manyTurns, "many-turns", "deep", `${fast.length} turns`),
    ...voice(startedOver(state) > 0, "started-over", "deep", `${times(startedOver(state))} from the base`),
    ...sizeOf(state),
  ]
}

/** What speaks about a task that began in the deep lane. */
const forFast = (state: TaskState): HindsightReason[] => {
  const deep = state.turns.filter(({ lane }) => lane === "deep")
  const ranMs = deep.reduce((sum, turn) => sum + turn.runningMs, 0)
  const waitedMs = deep.reduce((sum, turn) => sum + waitOf(turn), 0)
  const succeeded = deep.every(({ status }) => status === "succeeded")
  const cycles = Math.max(...deep.map(turn => turn.cycles))
  return [
    ...sizeOf(state),
    ...voice(succeeded && ranMs <= quickMs, "quick-run", "fast", `it ran ${seconds(ranMs)}`),
    ...voice(ranMs > quickMs, "quick-run", "deep", `it ran ${seconds(ranMs)}, longer than a fast turn may`),
    ...voice(
      succeeded && waitedMs > ranMs,
      "waited-longer-than-it-ran",
      "fast",
      `it waited ${seconds(waitedMs)} and ran ${seconds(ranMs)}`,
    ),
    ...voice(cycles >= manyCycles, "many-red-cycles", "deep", `${cycles} red test results in one turn`),
    ...voice(
      deep.some(({ status }) => status === "limited"),
      "hit-a-limit",
      "deep",
      limitsOf(deep),
    ),
  ]
}

const voice = (
  holds: boolean,
  name: HindsightReason["name"],
  speaksFor: Lane,
  detail: string,
): HindsightReason[] => (holds ? [{ name, speaksFor, detail }] : [])

const sizeOf = ({ change }: TaskState): HindsightReason[] => {
  if (change === undefined || change.files === 0) return []
  const lines = change.added + change.removed
  const detail = `${change.files} ${change.files === 1 ? "file" : "files"}, ${lines} lines`
  const small = change.files <= smallFiles && lines <= smallLines
  return voice(true, small ? "small-change" : "large-change", small ? "fast" : "deep", detail)
}

const limitsOf = (turns: readonly TurnState[]): string => {
  const which = turns.flatMap(({ outcome }) => (outcome?.status === "limited" ? [outcome.which] : []))
  return [...new Set(which)].join(", ")
}

const startedOver = ({ turns }: TaskState): number => turns.filter(({ from }) => from === "base").length

const waitOf = ({ queuedAt, startedAt, endedAt }: TurnState): number =>
  Math.max(0, (startedAt ?? endedAt ?? queuedAt) - queuedAt)

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`

const times = (count: number): string => (count === 1 ? "once" : `${count} times`)
