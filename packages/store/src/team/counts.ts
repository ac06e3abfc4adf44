import { TurnStatus } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import type { TaskFilter } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { indexes, indexesOf } from "./memberships.ts"

type Counts = Record<TurnStatus, number>

/** So many are compared at once, where that is all there is: nothing has to be kept for it. */
const fewTasks = 1_000
const perPiece = 500
const mostPieces = 20_000

/**
 * How many tasks stand in each status: one number of Redis each; with a filter that leaves many, a count that is made once, in pieces, and
 * then kept as tasks are written.
 */
export const countTasks = async (
  context: Context,
  team: string,
  filter: Omit<TaskFilter, "status" | "q">,
): Promise<Counts> => {
  const names = indexesOf(filter).toSorted()
  const keyOf = (index: string) => `${teamFamily(team)}x:${index}`
  const { client } = context
  if (names[0] === indexes.all) return await eachStatus(status => client.zcard(keyOf(`status:${status}`)))
  const sizes = await withDeadline(Promise.all(names.map(name => client.zcard(keyOf(name)))))
  const kept = Math.min(...sizes) > fewTasks ? await keptCounts(context, team, names) : null
  if (kept !== null) return kept
  const keys = names.map(keyOf)
  return await eachStatus(status => client.zintercard(keys.length + 1, ...keys, keyOf(`status:${status}`)))
}

const eachStatus = async (count: (status: TurnStatus) => Promise<number>): Promise<Counts> => {
  const counted = TurnStatus.options.map(async status => [status, await withDeadline(count(status))] as const)
  return Object.fromEntries(await Promise.all(counted)) as Counts
}

/** Null when it did not come to an end: too many others are asked for at once. */
const keptCounts = async (
  context: Context,
  team: string,
  names: readonly string[],
): Promise<Counts | null> => {
  const args = [perPiece, TurnStatus.options.join(" "), names.join(" ")]
  for (let piece = 0; piece < mostPieces; piece += 1) {
    const reply = await withDeadline(context.run("team-count", [teamFamily(team)], args))
    const [done, ...counts] = reply as string[]
    if (done === "1")
      return Object.fromEntries(
        TurnStatus.options.map((status, index) => [status, Number(counts[index])]),
      ) as Counts
  }
  return null
}

/** Takes away what is kept of counts, so that they are made anew: a process of an older version writes without them. */
export const forgetCounts = async ({ client }: Context, team: string): Promise<void> => {
  const family = teamFamily(team)
  await withDeadline(client.del(`${family}counted-filters`, `${family}counts`))
}
