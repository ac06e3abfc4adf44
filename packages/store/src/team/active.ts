import type { TaskState, TurnStatus } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { readTasks } from "../task/read.ts"
import { indexesOf } from "./memberships.ts"
import { walk } from "./walk.ts"

const activeStatuses = ["running", "waiting", "canceling"] as const satisfies readonly TurnStatus[]
const maxActive = 50

/** A repo's tasks that are at work, or wait at a gate; what waits in the queue touches nothing yet. */
export const readActive = async (context: Context, team: string, repo: string): Promise<TaskState[]> => {
  const found = await Promise.all(
    activeStatuses.map(status =>
      walk(context, team, {
        indexes: indexesOf({ repo, status }),
        order: "newest",
        after: "",
        wanted: maxActive,
        most: 1_000,
      }),
    ),
  )
  const tasks = found.flatMap(({ members }) => members).slice(0, maxActive)
  return (await readTasks(context, team, tasks)).filter(state => state !== null)
}
