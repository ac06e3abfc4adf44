import { type Page, parseEventId, type Task, type TaskEvent } from "@twolane/protocol"
import { askFor, pathOf, queryOf } from "../inside/asking.ts"
import type { Asking } from "./asking.ts"

/**
 * The newest events of a task's newest attempt, oldest first, at most 200: an attempt's events are numbered without a gap.
 * @throws Refused
 */
export const newestEvents = async (
  asking: Asking,
  { id, lastEventId }: Pick<Task, "id" | "lastEventId">,
  most: number,
): Promise<TaskEvent[]> => {
  const { attempt, n } = parseEventId(lastEventId)
  const query = queryOf({ after: `${attempt}-${Math.max(0, n - most)}`, limit: most })
  return (await askFor<Page<TaskEvent>>(asking, pathOf(id, `/events${query}`))).items
}
