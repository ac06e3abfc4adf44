import type { Context } from "../context.ts"
import { teamFamily, teamsKey } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Write } from "../task/append.ts"

/** The mark of one write, so that a writer clears only its own. */
export const markOf = (write: Write): string => `${write.ref.task}/${write.nonce}`

/** Marks tasks as about to be written, for the sweep. */
export const markDirty = async (context: Context, writes: readonly Write[]): Promise<void> => {
  const teams = Map.groupBy(writes, ({ ref }) => ref.team)
  await Promise.all([...teams].map(([team, ofTeam]) => markTeam(context, team, ofTeam)))
}

// Both go out in this tick: the caller's write is right behind them.
const markTeam = async (context: Context, team: string, writes: readonly Write[]): Promise<void> => {
  const now = context.now()
  const members = writes.flatMap(write => [now, markOf(write)])
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

/** Takes back the mark of a write that was refused. */
export const clearMark = async (context: Context, write: Write): Promise<void> => {
  await withDeadline(context.client.zrem(`${teamFamily(write.ref.team)}dirty`, markOf(write)))
}
