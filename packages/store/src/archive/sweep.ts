import { timeOfId } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { taskKeys, teamFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { decodeFold } from "../task/fold-json.ts"
import { forgetCounts } from "../team/counts.ts"
import { indexes } from "../team/memberships.ts"
import { readTeams } from "../team/teams.ts"
import { walk } from "../team/walk.ts"
import type { Archive, Away } from "./archive.ts"
import { countArchive } from "./counts.ts"
import { findAway } from "./find.ts"
import type { ArchivePolicy, Swept } from "./port.ts"
import { putAway, restingSince } from "./put-away.ts"

const tasksPerLook = 200
const atATime = 4
/** After so many failures one after another it is the archive that fails, and not a task. */
const mostFailures = 3

/**
 * Puts away what is due, and deletes what is too old, oldest first. A task is younger than its id, so that a walk ends where nothing can be due.
 * Two sweeps at once do the same thing twice, and nothing wrong.
 */
export const sweepArchive = async (
  context: Context,
  archive: Archive,
  policy: ArchivePolicy,
  mayGoOn: () => Promise<boolean>,
): Promise<Swept> => {
  const swept: Swept = { archived: 0, bytes: 0, dropped: 0, failed: 0 }
  await archive.shelf.tidy()
  for (const team of await readTeams(context)) {
    await forgetCounts(context, team)
    for (let after = "", ended = false; !ended && (await mayGoOn()); ) {
      const stretch = await walk(context, team, {
        indexes: [indexes.all],
        order: "oldest",
        after,
        wanted: tasksPerLook,
        most: tasksPerLook,
      })
      const newest = context.now() - policy.keepMs
      const old = stretch.members.filter(task => timeOfId(task) <= newest)
      await sweepStretch(context, archive, policy, { team, tasks: old, swept })
      ended = stretch.ended || old.length < stretch.members.length
      after = stretch.last
    }
  }
  return swept
}

const sweepStretch = async (
  context: Context,
  archive: Archive,
  policy: ArchivePolicy,
  { team, tasks, swept }: { team: string; tasks: readonly string[]; swept: Swept },
): Promise<void> => {
  const found = await withDeadline(
    Promise.all(tasks.map(task => context.client.hmget(taskKeys({ team, task }).state, "fold", "back"))),
  )
  const now = context.now()
  const due = tasks.filter((_, index) => {
    const [fold = null, back = null] = found[index] ?? []
    const since = fold === null ? null : restingSince(decodeFold(fold), back)
    return since !== null && since + policy.keepMs <= now
  })
  const gone = tasks.filter((task, index) => {
    const [fold = null] = found[index] ?? []
    return fold === null && policy.dropMs !== null && timeOfId(task) + policy.dropMs <= now
  })
  let inRow = 0
  const tell = async (act: () => Promise<void>) => {
    try {
      await act()
      inRow = 0
    } catch (error) {
      swept.failed += 1
      inRow += 1
      context.onError(error, "archive")
      await countArchive(context, { failures: 1 })
      if (inRow >= mostFailures) throw error
    }
  }
  const away = tasks.filter((_, index) => found[index]?.[0] == null)
  await inParallel(due, task =>
    tell(async () => {
      if (await putOne(context, archive, { team, task }, swept)) away.push(task)
    }),
  )
  await shortenRecords(context, team, away)
  const droppable = await findAway(context, team, gone)
  await inParallel(
    droppable.filter(one => one !== null),
    one => tell(() => dropOne(context, archive, policy, one, swept)),
  )
}

/** What archived tasks leave in Redis, also those of a version that left more. */
const shortenRecords = async (context: Context, team: string, tasks: readonly string[]): Promise<void> => {
  if (tasks.length > 0) await withDeadline(context.run("team-shorten", [teamFamily(team)], tasks))
}

const putOne = async (context: Context, archive: Archive, ref: TaskRef, swept: Swept): Promise<boolean> => {
  const put = await putAway(context, archive, ref)
  if (!put.ok) return false
  swept.archived += 1
  swept.bytes += put.bytes
  await countArchive(context, { tasks: 1, bytes: put.bytes })
  return true
}

/** The record first: what is left in the archive when this is interrupted nobody finds any more. */
const dropOne = async (
  context: Context,
  archive: Archive,
  { dropMs }: ArchivePolicy,
  away: Away,
  swept: Swept,
): Promise<void> => {
  const card = await archive.card(away)
  const fold = card?.state.fold
  if (dropMs === null || fold === undefined) return
  const state = decodeFold(fold)
  const since = restingSince(state, card?.state.back ?? null)
  if (since === null || since + dropMs > context.now()) return
  const { team, task } = away.ref
  const args = [task, away.last, state.repo]
  if ((await withDeadline(context.run("team-forget", [teamFamily(team)], args))) !== 1) return
  await archive.remove(away.ref, null)
  swept.dropped += 1
  await countArchive(context, { dropped: 1 })
}

const inParallel = async <Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<void>,
): Promise<void> => {
  const left = [...items]
  const lanes = Array.from({ length: atATime }, async () => {
    try {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item)
    } finally {
      // Of one that fails, the others begin nothing more.
      left.length = 0
    }
  })
  // What was begun is over when this is.
  for (const lane of await Promise.allSettled(lanes)) if (lane.status === "rejected") throw lane.reason
}
