import { compareEventIds, type EventId, isFault, type TaskDelta, type TaskEvent } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { taskKeys } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { readEvents } from "../task/read.ts"
import type { Hub } from "./hub.ts"
import { idle, makeMailbox } from "./mailbox.ts"
import type { DecodeMessage, LiveMessage } from "./message.ts"
import type { StillQuiet } from "./quiet.ts"

/** A silently dead subscription is noticed within this time and the next, by looking at the log. */
const idleMs = 5_000
/** A look of another reader of the same log counts for so long. */
export const quietMs = 2_500
const pageSize = 500

/**
 * A task's log after `after`, then live, with deltas in their place between events. Each event comes once and in order, also over
 * a Redis that was away: what the subscription missed is read from the log. Ends, without an error, by the signal only.
 */
export async function* followTask(
  context: Context,
  { hub, decode, stillQuiet }: { hub: Hub; decode: DecodeMessage; stillQuiet: StillQuiet },
  target: { ref: TaskRef; after: EventId },
  signal: AbortSignal,
): AsyncGenerator<TaskEvent | TaskDelta> {
  const { ref } = target
  using box = makeMailbox<LiveMessage>(idleMs, signal)
  const { live, text: liveText } = taskKeys(ref)
  const hear = (text: string | null) => box.put(text === null ? null : decode(ref.task, text))
  const stop = await hub.listen([live, liveText], hear)
  let last = target.after
  try {
    for (
      let message: LiveMessage | typeof idle | null | undefined = null;
      message !== undefined;
      message = await box.take()
    ) {
      if (message === idle) {
        if (await stillQuiet(live, last, () => endsAt(context, ref, last))) continue
        message = null
      }
      for await (const item of itemsOf(context, ref, last, message)) {
        if (signal.aborted) return
        if ("id" in item) last = item.id
        yield item
      }
    }
  } finally {
    stop()
  }
}

/** Whether a log has nothing after `last`; while Redis is away it is held for quiet until the next look. */
const endsAt = async (context: Context, ref: TaskRef, last: EventId): Promise<boolean> => {
  try {
    return (await readEvents(context, ref, { after: last, limit: 1 })).length === 0
  } catch (error) {
    if (!isFault(error, "store-unavailable")) throw error
    return true
  }
}

/** What a message brings; only what is missing is waited for. */
const itemsOf = (
  context: Context,
  ref: TaskRef,
  last: EventId,
  message: LiveMessage | null,
): readonly (TaskEvent | TaskDelta)[] | AsyncGenerator<TaskEvent> => {
  if (message === null) return fromLog(context, ref, last)
  if (message.kind === "effect") return []
  if (message.kind === "deltas") return message.deltas
  if (compareEventIds(message.last, last) <= 0) return []
  if (message.kind === "events" && message.after === last) return message.events
  // Up to this message's own end, so that deltas after it keep their place.
  return fromLog(context, ref, last, message.last)
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
