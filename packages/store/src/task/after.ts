import { isFinal, lastTurn, type NewEvent, openTurn, type TaskState } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Settle } from "../settle/settle.ts"
import { indexes } from "../team/memberships.ts"
import type { Write } from "./append.ts"
import { changeTask } from "./change.ts"
import { readTasks } from "./read.ts"

/**
 * What becomes of a turn that waits for other tasks. Pure. It is queued again without them once the last turn of each has succeeded, and
 * ends `failed{dependency-failed}` when one ended otherwise or is gone (null).
 */
export const judgeAfter = (
  state: TaskState,
  others: ReadonlyMap<string, TaskState | null>,
  now: number,
): NewEvent[] => {
  const turn = openTurn(state)
  if (turn?.after === undefined || turn.status !== "queued") return []
  const ends = turn.after.map(task => ({ task, end: endOf(others.get(task) ?? null) }))
  const failed = ends.find(({ end }) => end !== "open" && end !== "succeeded")
  const at = now
  if (failed !== undefined) {
    const outcome = {
      status: "failed" as const,
      code: "dependency-failed" as const,
      detail: `it waited for ${failed.task}, which ${failed.end === "gone" ? "is gone" : `ended ${failed.end}`}`,
    }
    return [{ type: "turn.ended", turn: turn.id, at, outcome, usage: turn.usage }]
  }
  if (ends.some(({ end }) => end === "open")) return []
  const { id, lane, prompt, by, options, notBefore } = turn
  return [
    {
      type: "turn.queued",
      turn: id,
      at,
      lane,
      position: null,
      reason: `${turn.after.join(", ")} succeeded`,
      prompt,
      by,
      options,
      again: { why: "after" },
      ...(notBefore === undefined ? {} : { notBefore }),
    },
  ]
}

const endOf = (state: TaskState | null): string => {
  const last = state === null ? undefined : lastTurn(state)
  if (last === undefined) return "gone"
  return isFinal(last.status) ? last.status : "open"
}

/** Looks at a task that waits for others, and lets it go on or end. */
export const releaseTask = async (context: Context, settle: Settle, state: TaskState): Promise<void> => {
  const { team, id: task } = state
  const after = openTurn(state)?.after
  if (after === undefined) return
  const states = await readTasks(context, team, after)
  const others = new Map(after.map((task, index) => [task, states[index] ?? null]))
  if (judgeAfter(state, others, context.now()).length === 0) return
  await changeTask(context, settle, {
    team,
    task,
    mode: "over",
    decide: (now, at) => judgeAfter(now, others, at),
  })
}

/**
 * Looks at the tasks that wait for those that some writes ended, and at new ones that wait: what they wait for may have ended before
 * the index knew of them. What a crash leaves undone here the reconciler does.
 */
export const releaseAfter = async (
  context: Context,
  settle: Settle,
  writes: readonly Write[],
): Promise<void> => {
  const teams = Map.groupBy(writes, ({ ref }) => ref.team)
  for (const [team, ofTeam] of teams) {
    const ended = ofTeam.filter(({ events }) => events.some(({ type }) => type === "turn.ended"))
    const freed = await Promise.all(ended.map(({ ref }) => waitingFor(context, ref)))
    const waiting = await readTasks(context, team, [...new Set(freed.flat())])
    for (const state of [...waiting, ...ofTeam.map(({ after }) => after)])
      if (state !== null) await releaseTask(context, settle, state)
  }
}

const waitingFor = ({ client }: Context, { team, task }: TaskRef): Promise<string[]> =>
  withDeadline(client.zrange(`${teamFamily(team)}x:${indexes.after(task)}`, "0", "-1"))
