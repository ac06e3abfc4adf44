import {
  compareEventIds,
  type EventId,
  lastTurn,
  openTurn,
  type TaskDelta,
  type TaskEvent,
  type TaskState,
} from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import { type Gateway, readTask } from "../gateway.ts"

/** The event with which the log of a task ends for now: its newest, when no turn is open. */
export const endOfLog = (state: TaskState): EventId | null =>
  lastTurn(state) !== undefined && openTurn(state) === undefined ? state.lastEventId : null

/** A task's events after one of them, with what happens then and its live text, until no turn of it is open any more. */
export async function* followTurns(
  gateway: Gateway,
  ref: TaskRef,
  { after, end: known }: { after: EventId; end: EventId | null },
  signal: AbortSignal,
): AsyncGenerator<TaskEvent | TaskDelta> {
  let end = known
  if (end !== null && compareEventIds(after, end) >= 0) return
  for await (const event of gateway.store.follow(ref, after, signal)) {
    yield event
    if (event.type === "turn.ended") end = endOfLog(await readTask(gateway, ref))
    if (end !== null && "id" in event && compareEventIds(event.id, end) >= 0) return
  }
}
