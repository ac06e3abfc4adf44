import { Lane, openTurn } from "@twolane/protocol"
import { type Context, memberOf } from "../context.ts"
import { queueFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import type { Hints } from "../queue/hints.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Write } from "../task/append.ts"
import { type QueueParts, sendRow, versionOf } from "./queue.ts"

/**
 * Tells the queue of a new task in the same breath as the write that brings it, so that an idle lane's picker looks a round trip
 * earlier. Null when that cannot be: in a cluster no order holds between the two, and only what stands in the log may be queued.
 */
export type QueueAhead = (write: Write) => Promise<Ahead | null>

/** A new task on its way to the queue. */
export type Ahead = {
  /** To be called in the tick of the write, behind it: then Redis runs it, and the picker's look, right behind the write. */
  send: () => Promise<void>
  /** The write is stored: the ticket may bring its fold along. */
  stored: () => void
  /** The write was refused, so the queue forgets it. */
  takeBack: () => Promise<void>
}

/** Makes the function that queues ahead. */
export const makeQueueAhead =
  (context: Context, parts: QueueParts & { hints: Hints }): QueueAhead =>
  async write => {
    const lane = openTurn(write.after)?.lane
    if (context.cluster || lane === undefined) return null
    const repoHost = await parts.repoHost(write.ref.team, write.after.repo)
    return {
      send: () => sendRow(context, parts, write, { lane, repoHost }),
      stored: () => {
        if (parts.picksHere()) parts.hints.keep(write.after)
      },
      takeBack: () => forgetQueued(context, write.ref, [lane], String(versionOf(write.after))),
    }
  }

/** Takes a task that is not there out of the queues of some lanes; with a version, only if it is still the one they were told. */
export const forgetQueued = async (
  context: Context,
  ref: TaskRef,
  lanes: readonly Lane[] = Lane.options,
  version = "",
): Promise<void> => {
  await Promise.all(
    lanes.map(lane =>
      withDeadline(context.run("queue-forget", [queueFamily(lane)], [memberOf(ref), version])),
    ),
  )
}
