import { type EventId, type NewEvent, parseEventId, type TaskEvent } from "@twolane/protocol"
import { fromJson } from "../context.ts"

/** An event as the log keeps it: without its id, task and attempt, which its stream id and key say. */
export const encodeEvent = (event: NewEvent): string => JSON.stringify(event)

/** An event read from the log or from a published message. */
export const decodeEvent = (task: string, id: EventId, json: string): TaskEvent =>
  nameEvent(task, id, fromJson<NewEvent>(json))

/** Gives a new event its id. */
export const nameEvent = (task: string, id: EventId, event: NewEvent): TaskEvent => ({
  ...event,
  id,
  task,
  attempt: parseEventId(id).attempt,
})

/** The ids that Redis will give: `n` from 1 without a gap in each attempt. */
export const nameEvents = (
  task: string,
  last: EventId,
  attempt: number,
  events: readonly NewEvent[],
): TaskEvent[] => {
  const before = parseEventId(last)
  const first = before.attempt === attempt ? before.n + 1 : 1
  return events.map((event, index) => nameEvent(task, `${attempt}-${first + index}`, event))
}
