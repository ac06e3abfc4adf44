import type { Context } from "../context.ts"
import { teamFamily, teamsKey } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Write } from "../task/append.ts"

/** The mark of one write, so that a writer clears only its own. */
export const markOf = (write: Write): string => `${write.ref.task}/${write.nonce}`

/** Marks tasks as about to be written, for the sweep. */
export const markDirty = async (context: Context, writes: readonly Write[]): Promise<void> => {
  const teams = Map.groupBy(writes, ({ ref }) => ref.team)
  await Promise.all([...teams].map(([team, ofTeam]) => markTasks(context, team, ofTeam.map(markOf))))
}

/** Leaves marks, `<task>/<anything>`, for the sweep. Both calls go out in this tick: the caller's write is right behind them. */
export const markTasks = async (context: Context, team: string, marks: readonly string[]): Promise<void> => {
  if (marks.length === 0) return
  const now = context.now()
  const members = marks.flatMap(mark => [now, mark])
  await Promise.all([
    registerTeam(context, team),
    withDeadline(context.client.zadd(`${teamFamily(team)}dirty`, ...members)),
  ])
}

/** The sweep looks at the teams that are registered. */
const registerTeam = async (context: Context, team: string): Promise<void> => {
  if (context.knownTeams.has(team)) return
  await withDeadline(context.client.sadd(teamsKey, team))
  context.knownTeams.add(team)
}

/** Takes back the mark of a write that was refused, or of which nothing is left to do. */
export const clearMark = (context: Context, write: Write): Promise<void> =>
  clearMarks(context, write.ref.team, [markOf(write)])

/** Takes back marks. */
export const clearMarks = async (context: Context, team: string, marks: readonly string[]): Promise<void> => {
  if (marks.length === 0) return
  await withDeadline(context.client.zrem(`${teamFamily(team)}dirty`, ...marks))
}
