import type { EventBody, TaskEvent } from "./events.ts"
import type { TaskState, TurnState } from "./state.ts"

/** A stored event of one type. */
export type EventOf<Type extends EventBody["type"]> = Extract<TaskEvent, { type: Type }>

/**
 * Changes the turn that an event names.
 * @throws Error when the task has no such turn
 */
export const onTurn = (state: TaskState, event: TaskEvent, change: (turn: TurnState) => void): TaskState => {
  const turn = state.turns.find(candidate => candidate.id === event.turn)
  if (turn === undefined)
    throw new Error(`${event.type} names turn ${event.turn}, which ${state.id} does not have`)
  change(turn)
  return state
}
