import type { Lane, TaskState } from "@twolane/protocol"
import { Queue } from "bullmq"
import type { Context } from "../context.ts"
import { bullPrefix, digest } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Pick } from "./pick.ts"

/** What a BullMQ job says: where to look. `state` is a copy of the fold at hand; the claim compares whether it is the newest. */
export type Ticket = TaskRef & { generation: number; state?: TaskState }

/** A turn that is sent to a host. */
export type Sent = Pick & { generation: number; state?: TaskState | undefined }

/** A ticket stays small. */
const mostPrompt = 8_192

/** BullMQ's queue for the workers of one host: they share mirrors and checkpoints, so any of them may take the ticket. */
export const queueNameOf = (host: string): string =>
  /^[\w.-]{1,64}$/.test(host) ? `host-${host}` : `host-${digest(host)}`

/** Hands tickets to BullMQ. */
export type Tickets = AsyncDisposable & {
  send: (lane: Lane, picks: readonly Sent[]) => Promise<void>
  /** Removes what BullMQ keeps for a host that has no workers any more. */
  forget: (lane: Lane, host: string) => Promise<void>
}

/** Opens the sending side; one BullMQ queue for each host that was sent to. */
export const openTickets = (context: Context): Tickets => {
  const queues = new Map<string, Queue>()
  const queueOf = (lane: Lane, host: string): Queue => {
    const key = `${lane}/${host}`
    const known = queues.get(key)
    if (known !== undefined) return known
    const queue = new Queue(queueNameOf(host), {
      connection: context.client,
      prefix: bullPrefix(lane),
      streams: { events: { maxLen: 100 } },
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    })
    queue.on("error", error => context.onError(error, "ticket queue"))
    queues.set(key, queue)
    return queue
  }
  return {
    send: async (lane, picks) => {
      await Promise.all(
        picks.map(({ entry, host, generation, state }) => {
          const at = { team: entry.team, task: entry.task, generation }
          const ticket: Ticket =
            state === undefined || state.prompt.length > mostPrompt ? at : { ...at, state }
          // A priority of at least 1: BullMQ's plain wait list costs by its length.
          const options = { jobId: `${entry.turn}.${generation}`, priority: 1 }
          return withDeadline(queueOf(lane, host).add("turn", ticket, options))
        }),
      )
    },
    forget: async (lane, host) => {
      await queueOf(lane, host).obliterate({ force: true })
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...queues.values()].map(queue => queue.close()))
    },
  }
}

/** Rising numbers for tickets, by the clock: a Redis that lost its queue still gets newer ones than any that was claimed. */
export const makeGenerations = (now: () => number): (() => number) => {
  let last = 0
  return () => {
    last = Math.max(last + 1, now())
    return last
  }
}
