import { setTimeout as sleep } from "node:timers/promises"
import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Settling } from "./settle.ts"

/** An older mark belongs to a writer that is slow or gone: nobody waits for that one. */
const recentMs = 1_000
const mostMarks = 200
const waitMs = 250
const lookEveryMs = 5

/**
 * Waits, never for long, until what was being written when it was called has reached the team's indexes. Whoever has seen an event
 * in a task's log then finds it in the lists as well. Answers whether there was something to wait for: else what was looked up meanwhile
 * holds.
 */
export const awaitSettled = async (
  context: Context,
  flush: Settling["flush"],
  team: string,
): Promise<boolean> => {
  const late = await flush()
  const key = `${teamFamily(team)}dirty`
  const recent = context.now() - recentMs
  let open = await withDeadline(context.client.zrangebyscore(key, recent, "+inf", "LIMIT", 0, mostMarks))
  const waits = late || open.length > 0
  const until = performance.now() + waitMs
  while (open.length > 0 && performance.now() < until) {
    await sleep(lookEveryMs)
    const scores = await withDeadline(context.client.zmscore(key, ...open))
    open = open.filter((_, index) => scores[index] !== null)
  }
  return waits
}
