import type { Lane, WorkerView } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { queueFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { readWorkers } from "./doors.ts"

/** The workers of a lane that are drained; a worker's id is of one process, so that whatever is started anew takes turns. */
const drainedKey = (lane: Lane): string => `${queueFamily(lane)}drained`

/** As `Workers.setDrained`. */
export const setDrained = async (
  context: Context,
  id: string,
  drained: boolean,
): Promise<WorkerView | null> => {
  const worker = (await readWorkers(context)).find(each => each.id === id)
  if (worker === undefined) return null
  const { client } = context
  const key = drainedKey(worker.lane)
  await withDeadline(drained ? client.hset(key, id, "1") : client.hdel(key, id))
  return worker
}

/** Whether a worker is drained. */
export const readDrained = async (
  context: Context,
  { lane, id }: Pick<WorkerView, "lane" | "id">,
  timeoutMs?: number,
): Promise<boolean> => (await withDeadline(context.client.hget(drainedKey(lane), id), timeoutMs)) !== null

/** Forgets workers of a lane that are gone. */
export const forgetWorkers = async (context: Context, lane: Lane, ids: readonly string[]): Promise<void> => {
  await Promise.all([
    withDeadline(context.client.hdel(`${queueFamily(lane)}workers`, ...ids)),
    withDeadline(context.client.hdel(drainedKey(lane), ...ids)),
  ])
}
