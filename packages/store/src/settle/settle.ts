import type { Lane } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { boundHost } from "../queue/entry.ts"
import type { Write } from "../task/append.ts"
import { keepPack } from "../task/packs.ts"
import { gather } from "./gather.ts"
import { type QueueParts, type QueueRow, sendQueue, settleQueues } from "./queue.ts"
import { settleTeam, settleTeams, type TeamRow } from "./team.ts"

/** A write that is stored, and the host that last claimed its task; `queued` when the queue was told of it ahead. */
export type Settled = { write: Write; host: string; queued?: Promise<void> }

/**
 * Brings everything that is derived from tasks up to date after they were written: queue, team indexes, team stream, KPIs, outbox
 * list. Idempotent and versioned by last event id; it never rejects, since the dirty mark leaves the rest to the sweep.
 */
export type Settle = (items: readonly Settled[]) => Promise<void>

/** What settling needs of its neighbours. */
export type SettleParts = QueueParts & {
  /** Counts what the events of a write say about KPIs. */
  count: (write: Write) => Promise<void>
  /** Puts an effect on the list of things to do. */
  announceEffect: (write: Write, host: string | null) => Promise<void>
}

/** Makes the one settling function of a process; what it has to say at once goes to Redis together. */
export const makeSettle = (context: Context, parts: SettleParts): Settle => {
  const sendRows = gather<QueueRow, Lane>((lane, rows) => sendQueue(context, parts, lane, rows))
  const sendTeam = gather<TeamRow>((team, rows) => settleTeam(context, team, rows))
  return async items => {
    try {
      // The team comes last: it clears the dirty marks.
      await settleQueues(parts, sendRows, items)
      await Promise.all(items.map(item => settleRest(context, parts, item)))
      await settleTeams(
        sendTeam,
        items.map(({ write }) => write),
      )
    } catch (error) {
      context.onError(error, "settle")
    }
  }
}

const settleRest = async (context: Context, parts: SettleParts, { write, host }: Settled): Promise<void> => {
  if (write.before === null && write.after.checkpoint !== null) await keepPack(context, write.ref)
  if (hasFacts(write)) await parts.count(write)
  if (write.effect === undefined) return
  const repoHost = await parts.repoHost(write.ref.team, write.after.repo)
  await parts.announceEffect(write, boundHost(write.after, { repoHost, lastHost: host }))
}

/** Most writes say nothing that a KPI counts. */
const hasFacts = ({ before, events }: Write): boolean =>
  events.some(
    ({ type }) =>
      type === "turn.ended" || type === "task.reviewed" || (type === "turn.queued" && before !== null),
  )
