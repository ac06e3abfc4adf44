import { openTurn, type TaskState, type TurnState } from "./state.ts"

/** The turn whose work a turn goes on with from the other lane: the newest before it that ever ran; null when that is of its own lane. */
export const takesOver = (state: TaskState, turn: string): TurnState | null => {
  const at = state.turns.findIndex(({ id }) => id === turn)
  const from = state.turns.slice(0, Math.max(0, at)).findLast(({ attempts }) => attempts > 0)
  return from === undefined || from.lane === state.turns[at]?.lane ? null : from
}

/** The hand-over that is due: the next turn has not begun, and the other lane's turn that it goes on from has ended. */
export const handoffDue = (state: TaskState): { from: TurnState; to: TurnState } | null => {
  const to = openTurn(state)
  if (to === undefined || to.attempts > 0 || to.status !== "queued") return null
  const from = takesOver(state, to.id)
  return from === null ? null : { from, to }
}
