import type { EventBody, TaskEvent } from "./events.ts"
import type { TaskState, TurnState } from "./state.ts"

/** A stored event of one type. */
export type EventOf<Type extends EventBody["type"]> = Extract<TaskEvent, { type: Type }>

/**
 * Changes the turn that an event names, in a state whose list of turns is its own.
 * @throws Error when the task has no such turn
 */
export const onTurn = (state: TaskState, event: TaskEvent, change: (turn: TurnState) => void): TaskState => {
  if (changeTurns(state, turn => turn.id === event.turn, change) > 0) return state
  throw new Error(`${event.type} names turn ${event.turn}, which ${state.id} does not have`)
}

/**
 * Changes those turns that `concerns`, each a copy in its place, and answers how many there were. All others stay the objects that they
 * were: a task may have hundreds, and whoever worked something out of one need not do it again.
 */
export const changeTurns = (
  { turns }: TaskState,
  concerns: (turn: TurnState) => boolean,
  change: (turn: TurnState) => void,
): number => {
  let changed = 0
  for (const [at, turn] of turns.entries()) {
    if (!concerns(turn)) continue
    const copy = { ...turn, trips: { ...turn.trips }, decisions: [...turn.decisions] }
    change(copy)
    turns[at] = copy
    changed += 1
  }
  return changed
}
