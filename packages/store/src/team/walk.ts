import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"

/** A stretch of the members that stand in all the named indexes. */
export type Stretch = { members: string[]; last: string; ended: boolean }

/** Walks indexes of a team from a member on; looks at no more than `most` of the smallest one. */
export const walk = async (
  context: Context,
  team: string,
  request: {
    indexes: readonly string[]
    order: "newest" | "oldest"
    after: string
    wanted: number
    most: number
  },
): Promise<Stretch> => {
  const { indexes, order, after, wanted, most } = request
  const reply = await withDeadline(
    context.run("team-walk", [teamFamily(team)], [order, after, wanted, most, ...indexes]),
  )
  const [ended, last = "", ...members] = reply as string[]
  return { members, last, ended: ended === "1" }
}
