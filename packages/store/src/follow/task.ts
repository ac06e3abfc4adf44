import { compareEventIds, type EventId, isFault, type TaskDelta, type TaskEvent } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { taskKeys } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { readEvents } from "../task/read.ts"
import type { Hub } from "./hub.ts"
import { makeMailbox } from "./mailbox.ts"
import { decodeMessage } from "./message.ts"

/** A silently dead subscription is noticed within this time, by reading the log. */
const idleMs = 5_000
const pageSize = 500

/**
 * A task's log after `after`, then live, with deltas in their place between events. Each event comes once and in order, also over
 * a Redis that was away: what the subscription missed is read from the log. Ends, without an error, by the signal only.
 */
export async function* followTask(
  context: Context,
  hub: Hub,
  target: { ref: TaskRef; after: EventId },
  signal: AbortSignal,
): AsyncGenerator<TaskEvent | TaskDelta> {
  const { ref } = target
  const box = makeMailbox(idleMs)
  const { live, text: liveText } = taskKeys(ref)
  const stop = await hub.listen([live, liveText], box.put)
  let last = target.after
  try {
    for (let text: string | null | undefined = null; text !== undefined; text = await box.take(signal)) {
      for await (const item of itemsOf(context, ref, last, text)) {
        if (signal.aborted) return
        if ("id" in item) last = item.id
        yield item
      }
    }
  } finally {
    stop()
  }
}

async function* itemsOf(
  context: Context,
  ref: TaskRef,
  last: EventId,
  text: string | null,
): AsyncGenerator<TaskEvent | TaskDelta> {
  const message = text === null ? null : decodeMessage(ref.task, text)
  if (message === null) return yield* fromLog(context, ref, last)
  if (message.kind === "effect") return
  if (message.kind === "deltas") return yield* message.deltas
  if (compareEventIds(message.last, last) <= 0) return
  if (message.kind === "events" && message.after === last) return yield* message.events
  // Up to this message's own end, so that deltas after it keep their place.
  yield* fromLog(context, ref, last, message.last)
}

/** Reads what is missing; while Redis is away it yields what it has, and the next wake-up or idle time reads on. */
async function* fromLog(
  context: Context,
  ref: TaskRef,
  after: EventId,
  until?: EventId,
): AsyncGenerator<TaskEvent> {
  let last = after
  try {
    for (;;) {
      const page = await readEvents(context, ref, { after: last, limit: pageSize, ...(until && { until }) })
      yield* page
      last = page.at(-1)?.id ?? last
      if (page.length < pageSize) return
    }
  } catch (error) {
    if (!isFault(error, "store-unavailable")) throw error
  }
}
