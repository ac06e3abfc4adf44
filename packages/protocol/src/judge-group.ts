import { system } from "./endings.ts"
import type { NewEvent } from "./events.ts"
import type { GroupOf } from "./group.ts"
import { isRace } from "./in-group.ts"
import { cancelOpenTurns } from "./open-turns.ts"
import { openTurn, type TaskState } from "./state.ts"

/**
 * What becomes of one candidate by what the others of its group came to. Pure, and nothing the second time: whoever finds that it was not
 * written yet writes it. An accepted candidate closes the group: the others are canceled, and discarded once they have ended. A fast one that
 * won its race cancels those that nobody gave a further turn; one that its rules handed to the deep lane gives way to those that are there.
 */
export const judgeCandidate = (state: TaskState, others: readonly TaskState[], now: number): NewEvent[] => {
  if (state.group === undefined || state.review === "accepted") return []
  const chosen = others.find(({ review }) => review === "accepted")
  if (chosen !== undefined) return giveWay(state, chosen.id, now)
  if (isOutgrown(state) && others.some(other => openTurn(other) !== undefined))
    return cancelOpenTurns(
      state,
      { by: system, reason: "it outgrew the fast lane, and others are at it" },
      now,
    )
  const winner = others.find(hasWon)
  if (winner === undefined || state.turns.length > 1) return []
  return cancelOpenTurns(state, { by: system, reason: `${winner.id} won the race: it is green` }, now)
}

const giveWay = (state: TaskState, chosen: string, now: number): NewEvent[] => {
  if (openTurn(state) !== undefined)
    return cancelOpenTurns(state, { by: system, reason: `${chosen} was accepted in its place` }, now)
  if (state.review === "discarded") return []
  return [{ type: "task.reviewed", decision: "discarded", by: system, chosen, turn: null, at: now }]
}

/**
 * Whether a fast candidate has won its race: its first turn succeeded, which it only does within the guardrails, with a change whose tests
 * passed. A person's next turn makes it an ordinary task.
 */
export const hasWon = (state: TaskState): boolean => {
  const [turn, next] = state.turns
  return (
    isRacing(state.group) &&
    next === undefined &&
    turn?.lane === "fast" &&
    turn.outcome?.status === "succeeded" &&
    state.tests?.status === "passed" &&
    (state.change?.files ?? 0) > 0
  )
}

/** Whether a racing candidate would go on in the deep lane, where others race already: by its rules, and by no person's hand. */
const isOutgrown = ({ group, turns: [turn, next, third] }: TaskState): boolean =>
  isRacing(group) &&
  turn?.lane === "fast" &&
  turn.outcome?.status === "handed_off" &&
  turn.cancel === undefined &&
  next?.lane === "deep" &&
  third === undefined

const isRacing = (group: GroupOf | undefined): boolean => group !== undefined && isRace(group)
