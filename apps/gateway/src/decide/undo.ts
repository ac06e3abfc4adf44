import {
  type Actor,
  Fault,
  lastTurn,
  type NewEvent,
  openTurn,
  type StepBack,
  stepBackOf,
  type TaskEvent,
  type TaskState,
} from "@twolane/protocol"
import type { StepDiff } from "../repos/diff.ts"

/**
 * What undoing a task's newest checkpoint means.
 * @throws Fault turn-running, task-discarded, task-accepted, nothing-to-undo
 */
export const planUndo = (state: TaskState, log: readonly TaskEvent[]): StepBack => {
  if (openTurn(state) !== undefined)
    throw new Fault("turn-running", "Interrupt it, or wait for its end; then undo.")
  if (state.review === "discarded") throw new Fault("task-discarded", "A discarded task stays as it is.")
  if (state.review === "accepted") throw new Fault("task-accepted", "Its change was accepted.")
  const step = state.checkpoint === null ? null : stepBackOf(log)
  if (step === null) throw new Fault("nothing-to-undo", "The task's tree is its base.")
  return step
}

/** The event of an undo. */
export const undoEvent = (
  state: TaskState,
  { to, head, portable }: StepBack,
  diff: StepDiff,
  { undo, by }: { undo: string; by: Actor },
  at: number,
): NewEvent => ({
  type: "checkpoint.undone",
  undo,
  by,
  checkpoint: to,
  head: head ?? state.base ?? "",
  portable,
  ...diff,
  turn: lastTurn(state)?.id ?? null,
  at,
})
