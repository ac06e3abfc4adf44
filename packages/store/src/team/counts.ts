import { TurnStatus } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import type { TaskFilter } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { indexesOf } from "./memberships.ts"

/** How many tasks stand in each status: one number of Redis each, or, with a filter, one count of what two indexes share. */
export const countTasks = async (
  { client }: Context,
  team: string,
  filter: Omit<TaskFilter, "status" | "q">,
): Promise<Record<TurnStatus, number>> => {
  const keyOf = (index: string) => `${teamFamily(team)}x:${index}`
  const counts = await Promise.all(
    TurnStatus.options.map(async status => {
      const keys = indexesOf({ ...filter, status }).map(keyOf)
      const [only] = keys
      const count =
        keys.length === 1 && only !== undefined ? client.zcard(only) : client.zintercard(keys.length, ...keys)
      return [status, await withDeadline(count)] as const
    }),
  )
  return Object.fromEntries(counts) as Record<TurnStatus, number>
}
