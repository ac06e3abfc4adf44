import type { LimitName, TaskState, TurnState } from "@twolane/protocol"

/** The caps of one turn, each in its unit; null is no cap. Numbers of the policy and of the request, merged by minimum. */
export type Limits = {
  seconds: number
  steps: number
  cycles: number
  tokens: number | null
  costUsd: number | null
  /** Whether somebody named the cost cap; one that nobody named asks a person before it stops the turn. */
  costNamed: boolean
}

/** How near a turn is to its caps: `used` of `limit`, as fractions of 1. */
export type LimitUse = { which: LimitName; used: number; limit: number }

/** What a turn has used of each cap, the fullest first. Running time is counted without queue and gates. */
export const limitUse = (turn: TurnState, limits: Limits, now: number): LimitUse[] => {
  const runningMs = turn.runningMs + (turn.runningSince === undefined ? 0 : now - turn.runningSince)
  const tokens = turn.usage.inputTokens + turn.usage.outputTokens
  const rows: LimitUse[] = [
    { which: "seconds", used: runningMs / 1_000, limit: limits.seconds },
    { which: "steps", used: turn.usage.steps, limit: limits.steps },
  ]
  if (limits.tokens !== null) rows.push({ which: "tokens", used: tokens, limit: limits.tokens })
  if (limits.costUsd !== null && turn.usage.costUsd !== null)
    rows.push({ which: "cost", used: turn.usage.costUsd, limit: limits.costUsd })
  return rows.sort((a, b) => b.used / b.limit - a.used / a.limit)
}

/** The part of a cap at which the model is told to wrap up. */
export const softLanding = 0.8

/** How much longer the turn may run, for the deadline of its signal. */
export const secondsLeft = (state: TaskState, turn: string, limits: Limits, now: number): number => {
  const found = state.turns.find(candidate => candidate.id === turn)
  const used =
    found === undefined ? 0 : (limitUse(found, limits, now).find(row => row.which === "seconds")?.used ?? 0)
  return Math.max(0, limits.seconds - used)
}
