import {
  beforeFirst,
  foldEvents,
  handoffDue,
  type NewEvent,
  packetOf,
  type TaskState,
} from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { TaskRef } from "../port.ts"
import { withEndings } from "./endings.ts"
import { nameEvents } from "./log.ts"
import { readLog } from "./read.ts"

/** Whether events can bring a hand-over due: nothing else has to be completed. */
export const mayHandOver = (events: readonly NewEvent[]): boolean =>
  events.some(({ type }) => type === "turn.queued" || type === "turn.ended")

/**
 * Completes what a writer wants to say: whatever brings a hand-over due, by queueing a turn of the other lane or by ending the turn before
 * it, also says what goes with it. The log is read for the packet; one that grew meanwhile makes the write be refused, as any other one.
 */
export const withHandoff = async (
  context: Context,
  ref: TaskRef,
  before: TaskState,
  events: readonly NewEvent[],
): Promise<readonly NewEvent[]> => {
  if (!mayHandOver(events)) return events
  const whole = withEndings(before, events)
  const named = nameEvents(ref.task, before.lastEventId, before.attempt, whole)
  const after = foldEvents(before, named)
  const due = handoffDue(after)
  if (due === null || handoffDue(before)?.to.id === due.to.id) return events
  const { from, to } = due
  const log = await readLog(context, ref, beforeFirst)
  // What was asked at a gate that the end closes is still open.
  const packet = packetOf({ ...after, gates: before.gates }, [...log, ...named])
  const created: NewEvent = {
    type: "handoff.created",
    from: { turn: from.id, lane: from.lane },
    to: { turn: to.id, lane: to.lane },
    packet,
    turn: from.id,
    at: named.at(-1)?.at ?? context.now(),
  }
  const ended = whole.findIndex(event => event.type === "turn.ended" && event.turn === from.id)
  return ended < 0 ? [...whole, created] : whole.toSpliced(ended + 1, 0, created)
}
