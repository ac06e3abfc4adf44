import {
  type Actor,
  type CancelWish,
  cancelOpenTurns,
  Fault,
  isFinal,
  type NewEvent,
  runningTurn,
  type TaskState,
} from "@twolane/protocol"

/** What a request to cancel asks for. */
export const wishOf = (by: Actor, { reason }: { reason?: string | undefined }): CancelWish => ({
  by,
  ...(reason === undefined ? {} : { reason }),
})

/**
 * Cancels all open turns: those that nobody runs end at once; the running one is told, and its worker ends it. Nothing when all that is
 * open is being canceled already.
 * @throws Fault task-ended
 */
export const cancelTask = (state: TaskState, wish: CancelWish, now: number): NewEvent[] => {
  if (state.turns.every(turn => isFinal(turn.status)))
    throw new Fault("task-ended", "All its turns have ended.")
  return cancelOpenTurns(state, wish, now)
}

/**
 * Cancels the running turn; waiting ones go on. Nothing when it is being canceled already.
 * @throws Fault turn-not-running
 */
export const interruptTurn = (state: TaskState, by: Actor, now: number): NewEvent[] => {
  const running = runningTurn(state)
  if (running === undefined) throw new Fault("turn-not-running", "No turn of the task is running.")
  if (running.status === "canceling") return []
  return [{ type: "cancel.requested", by, scope: "turn", turn: running.id, at: now }]
}
