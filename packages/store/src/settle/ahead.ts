import { setImmediate as afterThisTick } from "node:timers/promises"
import { Lane, openTurn } from "@twolane/protocol"
import { type Context, memberOf } from "../context.ts"
import { queueFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { type Presence, presenceOf } from "../queue/entry.ts"
import { activeOf } from "../queue/lane.ts"
import type { Picker } from "../queue/picker.ts"
import type { Tickets } from "../queue/tickets.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Write } from "../task/append.ts"
import { type QueueParts, rowOf, type SendRows, sendQueue, versionOf } from "./queue.ts"

/**
 * Tells the queue of a new task in the same breath as the write that brings it: a quiet lane gives its ticket out at once, by what its
 * picker last saw, and else the picker looks a round trip earlier. Null when that cannot be: in a cluster no order holds between the
 * two, and only what stands in the log may be queued.
 */
export type QueueAhead = (write: Write) => Promise<Ahead | null>

/** A new task on its way to the queue. */
export type Ahead = {
  /** To be called in the tick of the write, behind it: then Redis runs it right behind the write. */
  send: () => Promise<void>
  /** The write was refused, so the queue forgets it. */
  takeBack: () => Promise<void>
}

/** What queueing ahead needs of its neighbours. */
export type AheadParts = QueueParts & { tickets: Tickets; picker: (lane: Lane) => Picker; sendRows: SendRows }

/** Makes the function that queues ahead. */
export const makeQueueAhead =
  (context: Context, parts: AheadParts): QueueAhead =>
  async write => {
    const lane = openTurn(write.after)?.lane
    if (context.cluster || lane === undefined) return null
    const repoHost = await parts.repoHost(write.ref.team, write.after.repo)
    const presence = presenceOf(write.after, lane, { repoHost, lastHost: "" })
    if (presence.place !== "wait") return null
    const { entry } = presence
    const row = (told: Presence) => rowOf(memberOf(write.ref), write.after, told, "")
    return {
      send: async () => {
        const told = Promise.withResolvers<void>()
        const offer = parts.picker(lane).offer(entry, told.promise)
        // Whoever stands in line goes there with those who come at the same time.
        if (offer === null) return await parts.sendRows(lane, [row(presence)])
        // The ticket first, since a worker waits for it. It brings the fold along, and the claim compares whether that was written.
        const sent = parts.tickets.send(lane, [{ ...offer, state: write.after }])
        const active = activeOf(offer, context.now())
        const ticket = row({ place: "ticket", entry, active })
        told.resolve(afterThisTick().then(() => sendQueue(context, parts, lane, [ticket])))
        await Promise.all([sent, told.promise])
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
