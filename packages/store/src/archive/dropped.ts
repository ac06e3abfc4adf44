import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { readTeams } from "../team/teams.ts"
import type { Dropped } from "./port.ts"

const mostPerLook = 5_000

/** Tasks that were deleted by policy, of each team after a mark and oldest first; many come in pieces. */
export const readDropped = async (
  context: Context,
  after: ReadonlyMap<string, number>,
): Promise<Dropped[]> => {
  const found: Dropped[] = []
  for (const team of await readTeams(context)) {
    const key = `${teamFamily(team)}dropped`
    const from = `(${after.get(team) ?? 0}`
    const rows = await withDeadline(
      context.client.zrangebyscore(key, from, "+inf", "WITHSCORES", "LIMIT", 0, mostPerLook),
    )
    for (let at = 0; at < rows.length; at += 2) {
      const [repo = "", task = ""] = (rows[at] ?? "").split("/")
      found.push({ team, repo, task, mark: Number(rows[at + 1]) })
    }
  }
  return found
}
