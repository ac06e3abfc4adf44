import {
  endTurn,
  isFinal,
  type NewEvent,
  type Outcome,
  openTurn,
  type TaskState,
  type TurnState,
} from "@twolane/protocol"

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
