import { Fault, type TaskState } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { taskKeys, teamFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { decodeFold } from "../task/fold-json.ts"
import type { Away } from "./archive.ts"
import type { Line } from "./form.ts"

/**
 * Which of some tasks that Redis does not have are in the archive. A team's record of a task stays when the task leaves, and says its last
 * event; a task without a record never was, or is deleted.
 */
export const findAway = async (
  { client }: Context,
  team: string,
  tasks: readonly string[],
): Promise<(Away | null)[]> => {
  if (tasks.length === 0) return []
  const records = await withDeadline(client.hmget(`${teamFamily(team)}tasks`, ...tasks))
  return tasks.map((task, index) => {
    const last = records[index]?.split(" ")[0]
    return last === undefined ? null : { ref: { team, task }, last }
  })
}

/** One task of the archive, or null: also for a task that Redis has. */
export const findOneAway = async (context: Context, ref: TaskRef): Promise<Away | null> => {
  if (context.archive === null) return null
  if ((await withDeadline(context.client.exists(taskKeys(ref).state))) === 1) return null
  const [away = null] = await findAway(context, ref.team, [ref.task])
  return away
}

/**
 * Folds of tasks that Redis does not have, in the order asked for.
 * @throws Fault store-unavailable when the archive cannot be reached, or this process does not have it: a task of it is not absent
 */
export const readFoldsAway = async (
  context: Context,
  team: string,
  tasks: readonly string[],
): Promise<(TaskState | null)[]> => {
  const { archive } = context
  const found = await findAway(context, team, tasks)
  if (archive === null) {
    if (found.some(away => away !== null)) throw new Fault("store-unavailable", notHere)
    return found.map(() => null)
  }
  return await Promise.all(
    found.map(async away => {
      const fold = away && (await archive.card(away))?.state.fold
      return fold == null ? null : decodeFold(fold)
    }),
  )
}

const notHere = "the task is in the archive, which this process does not have (TWOLANE_ARCHIVE)"

/** The log of a task in the archive; none for a task that Redis has. */
export const readLogAway = async (context: Context, ref: TaskRef): Promise<readonly Line[]> => {
  const away = await findOneAway(context, ref)
  return (away && (await context.archive?.log(away))) ?? []
}

/** The pack of a task in the archive, by its checkpoint. */
export const readPackAway = async (
  context: Context,
  ref: TaskRef,
): Promise<{ checkpoint: string; pack: Uint8Array } | null> => {
  const away = await findOneAway(context, ref)
  if (away === null || context.archive === null) return null
  const card = await context.archive.card(away)
  if (card === null || card.packOf === null) return null
  const pack = await context.archive.pack({ ...away, last: card.state.last ?? away.last })
  return pack && { checkpoint: card.packOf, pack }
}
