import { type Actor, Fault, isFinal, type NewEvent, type TaskState } from "@twolane/protocol"
import { endWaiting, runningTurn, waitingTurns } from "./turns.ts"

/** Who cancels, and why. */
export type CancelWish = { by: Actor; reason?: string }

/**
 * Cancels all open turns: those that nobody runs end at once; the running one is told, and its worker ends it. Nothing when all that is
 * open is being canceled already.
 * @throws Fault task-ended
 */
export const cancelTask = (state: TaskState, wish: CancelWish, now: number): NewEvent[] => {
  if (state.turns.every(turn => isFinal(turn.status)))
    throw new Fault("task-ended", "All its turns have ended.")
  const waiting = waitingTurns(state)
  if (waiting.length === 0 && runningTurn(state)?.status === "canceling") return []
  return [
    { type: "cancel.requested", ...wish, scope: "task", turn: null, at: now },
    ...waiting.flatMap(turn => endWaiting(state, turn.id, { status: "canceled", by: wish.by }, now)),
  ]
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
