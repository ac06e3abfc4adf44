import { endTurn } from "./endings.ts"
import type { NewEvent } from "./events.ts"
import { isFinal } from "./final.ts"
import { openTurn, type TaskState, type TurnState } from "./state.ts"
import type { Actor, Outcome } from "./terms.ts"

/** The turn that a worker has in its hands, if any. */
export const runningTurn = (state: TaskState): TurnState | undefined => {
  const first = openTurn(state)
  if (first === undefined) return undefined
  return state.attemptOpen || first.status === "canceling" ? first : undefined
}

/** The open turns that nobody runs: queued, delayed, or waiting at a gate. */
export const waitingTurns = (state: TaskState): TurnState[] => {
  const running = runningTurn(state)
  return state.turns.filter(turn => !isFinal(turn.status) && turn !== running)
}

/** The end of a turn that nobody runs: there is nothing to kill, so it is confirmed and ended at once. */
export const endWaiting = (state: TaskState, turn: string, outcome: Outcome, now: number): NewEvent[] => [
  { type: "cancel.confirmed", ms: 0, killed: 0, proof: "never_started", turn, at: now },
  ...endTurn(state, turn, outcome, now),
]

/** Who cancels, and why. */
export type CancelWish = { by: Actor; reason?: string }

/**
 * Cancels all open turns: those that nobody runs end at once; the running one is told, and its worker ends it. Nothing when all that is
 * open is being canceled already, or nothing is open.
 */
export const cancelOpenTurns = (state: TaskState, wish: CancelWish, now: number): NewEvent[] => {
  const waiting = waitingTurns(state)
  const running = runningTurn(state)
  if (waiting.length === 0 && (running === undefined || running.status === "canceling")) return []
  return [
    { type: "cancel.requested", ...wish, scope: "task", turn: null, at: now },
    ...waiting.flatMap(turn => endWaiting(state, turn.id, { status: "canceled", by: wish.by }, now)),
  ]
}
