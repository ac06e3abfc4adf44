import { endTurn, type Lane, type NewEvent, openTurn, type TaskState } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { queueFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Settle } from "../settle/settle.ts"
import { changeTask } from "../task/change.ts"

const tasksPerLook = 200

/** What becomes of a turn that must have begun by a time: it ends once that is over, unless it has begun. Pure. */
export const judgeExpired = (state: TaskState, now: number): NewEvent[] => {
  const turn = openTurn(state)
  if (turn?.startBy === undefined || turn.attempts > 0 || turn.status !== "queued") return []
  if (turn.startBy >= now) return []
  const detail = `it was not begun by ${new Date(turn.startBy).toISOString()}`
  return endTurn(state, turn.id, { status: "failed", code: "expired", detail }, now)
}

/** Ends what waits in a lane and must have begun by now. What was begun meanwhile goes on, and leaves the list. */
export const sweepExpired = async (context: Context, settle: Settle, lane: Lane): Promise<void> => {
  const key = `${queueFamily(lane)}expire`
  const due = await withDeadline(
    context.client.zrangebyscore(key, "-inf", `(${context.now()}`, "LIMIT", 0, tasksPerLook),
  )
  for (const member of due) {
    const [team = "", task = ""] = member.split("/")
    await changeTask(context, settle, { team, task, mode: "over", decide: judgeExpired })
    await withDeadline(context.client.zrem(key, member))
  }
}
