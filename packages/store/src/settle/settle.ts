import type { Context } from "../context.ts"
import { boundHost } from "../queue/entry.ts"
import type { Write } from "../task/append.ts"
import { decidesGroup } from "../task/decides-group.ts"
import { keepPack } from "../task/packs.ts"
import { makeLater } from "./later.ts"
import { clearMark } from "./marks.ts"
import { type QueueParts, type SendRows, settleQueues } from "./queue.ts"
import { settleTeams } from "./team.ts"

/** A write that is stored, and the host that last claimed its task; `queued` when the queue was told of it ahead. */
export type Settled = { write: Write; host: string; queued?: Promise<void> }

/**
 * Brings everything that is derived from tasks up to date after they were written. It resolves when the queue and the outbox list are;
 * team indexes, team stream and KPIs follow within milliseconds, many writes in one call. Idempotent and versioned by last event id;
 * it never rejects, since the dirty mark leaves the rest to the sweep.
 */
export type Settle = (items: readonly Settled[]) => Promise<void>

/** The settling of a process. */
export type Settling = {
  settle: Settle
  /** Resolves when all that this process wrote before has reached the indexes, too; answers whether something had not. */
  flush: () => Promise<boolean>
}

/** What settling needs of its neighbours. */
export type SettleParts = QueueParts & {
  /** Counts what the events of writes say about KPIs. */
  count: (writes: readonly Write[]) => Promise<void>
  /** Puts an effect on the list of things to do. */
  announceEffect: (write: Write, host: string | null) => Promise<void>
  /** Lets go on what waited for the tasks of some writes, once the team's indexes know of them. */
  release: (writes: readonly Write[]) => Promise<void>
  /** Does to the other candidates of a group what follows from a write to one of them. */
  judgeGroup: (write: Write) => Promise<void>
}

/** Makes the one settling function of a process; what it has to say at once goes to Redis together. */
export const makeSettle = (context: Context, sendRows: SendRows, parts: SettleParts): Settling => {
  let releasing: Promise<void> = Promise.resolve()
  const later = makeLater<Write>(async writes => {
    try {
      await parts.count(writes.filter(hasFacts))
      // The team comes last: it clears the dirty marks.
      await settleTeams(context, writes)
    } catch (error) {
      return context.onError(error, "settle")
    }
    // Beside what is settled next, since it writes itself. What fails here the reconciler does.
    const released = Promise.all([
      parts.release(writes).catch(error => context.onError(error, "release")),
      ...writes.filter(decidesGroup).map(write => judge(write)),
    ])
    releasing = releasing.then(async () => void (await released))
  })
  // What fails here the sweep does: the mark stays.
  const judge = async (write: Write) => {
    try {
      await parts.judgeGroup(write)
      await clearMark(context, write)
    } catch (error) {
      context.onError(error, "judge a group")
    }
  }
  const flush = async () => {
    const late = await later.flush()
    await releasing
    return late
  }
  const settle: Settle = async items => {
    try {
      await settleQueues(parts, sendRows, items)
      await Promise.all(items.map(item => settleRest(context, parts, item)))
    } catch (error) {
      return context.onError(error, "settle")
    }
    await later.add(items.map(({ write }) => write))
  }
  return { settle, flush }
}

const settleRest = async (context: Context, parts: SettleParts, { write, host }: Settled): Promise<void> => {
  if (write.before === null && write.after.checkpoint !== null) await keepPack(context, write.ref)
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
