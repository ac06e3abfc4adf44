import type { TaskEvent, TaskState } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Write } from "../task/append.ts"
import { decidesGroup } from "../task/decides-group.ts"
import { readEvents } from "../task/read.ts"
import { membershipsOf } from "../team/memberships.ts"
import { markOf } from "./marks.ts"

/** Settles the teams of some writes. */
export const settleTeams = async (context: Context, writes: readonly Write[]): Promise<void> => {
  const teams = Map.groupBy(writes, ({ ref }) => ref.team)
  await Promise.all([...teams].map(([team, ofTeam]) => settleTeam(context, team, ofTeam.map(teamRow))))
}

/** What `team-settle` takes for one task. */
export type TeamRow = {
  task: string
  before: string
  after: TaskState
  mark: string
  events: readonly TaskEvent[]
}

const teamRow = (write: Write): TeamRow => ({
  task: write.ref.task,
  before: write.before?.lastEventId ?? "0-0",
  after: write.after,
  // Who decides about a group keeps the mark until that is done.
  mark: decidesGroup(write) ? "" : markOf(write),
  events: write.events,
})

/** Settles a team's indexes and stream; where events of an earlier write are missing in the stream they are read and sent with. */
export const settleTeam = async (context: Context, team: string, rows: readonly TeamRow[]): Promise<void> => {
  const args = rows.flatMap(row => [
    row.task,
    row.before,
    row.after.lastEventId,
    membershipsOf(row.after),
    row.mark,
    row.events.length === 0 ? "" : JSON.stringify(row.events),
  ])
  const answers = await withDeadline(context.run("team-settle", [teamFamily(team)], [rows.length, ...args]))
  const missing = (answers as string[]).flatMap((streamed, index) => {
    const row = rows[index]
    return streamed === "" || row === undefined ? [] : [{ row, streamed }]
  })
  if (missing.length === 0) return
  await settleTeam(context, team, await Promise.all(missing.map(gap => fillGap(context, team, gap))))
}

const gapPage = 1_000

const fillGap = async (
  context: Context,
  team: string,
  { row, streamed }: { row: TeamRow; streamed: string },
): Promise<TeamRow> => {
  const until = row.after.lastEventId
  const events = await readEvents(
    context,
    { team, task: row.task },
    { after: streamed, limit: gapPage, until },
  )
  const reached = events.at(-1)?.id ?? until
  if (reached !== until) {
    // A long gap goes in pieces; the index keeps the newest state all along.
    const after = { ...row.after, lastEventId: reached }
    await settleTeam(context, team, [{ task: row.task, before: streamed, after, mark: "", events }])
    return await fillGap(context, team, { row, streamed: reached })
  }
  return { ...row, before: streamed, events }
}
