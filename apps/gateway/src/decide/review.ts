import { type Actor, Fault, headToReview, type NewEvent, openTurn, type TaskState } from "@twolane/protocol"

/**
 * Discards a task. A second discard changes nothing. A task with an open turn must be canceled first: its worker could still deliver.
 * @throws Fault task-open, task-accepted
 */
export const discardTask = (state: TaskState, by: Actor, now: number): NewEvent[] => {
  if (state.review === "discarded") return []
  if (state.review === "accepted") throw new Fault("task-accepted", "Its change was accepted.")
  if (openTurn(state) !== undefined) throw new Fault("task-open", "Cancel the open turn first.")
  return [{ type: "task.reviewed", decision: "discarded", by, turn: null, at: now }]
}

/**
 * The commit that an accept would deliver: of a turn that did not finish its work, the checkpoint that it left.
 * @throws Fault task-discarded, task-open, nothing-to-accept
 */
export const acceptableHead = (state: TaskState): string => {
  if (state.review === "discarded") throw new Fault("task-discarded", "A discarded task cannot be accepted.")
  if (openTurn(state) !== undefined)
    throw new Fault("task-open", "Wait for the open turn's end, or cancel it.")
  const head = headToReview(state)
  if (head === null || (state.change?.files ?? 0) === 0)
    throw new Fault("nothing-to-accept", "The task has no change.")
  return head
}
