import { Lane, type TaskState } from "@twolane/protocol"
import { type Context, memberOf } from "../context.ts"
import { queueFamily, taskKeys } from "../keys.ts"
import { countFacts } from "../kpis/record.ts"
import type { TaskRef } from "../port.ts"
import { boundHost, presenceOf } from "../queue/entry.ts"
import { addOp } from "../queue/outbox.ts"
import { withDeadline } from "../redis/deadline.ts"
import { forgetQueued } from "../settle/ahead.ts"
import { rowOf } from "../settle/queue.ts"
import type { Settle } from "../settle/settle.ts"
import { settleTeam } from "../settle/team.ts"
import { releaseTask } from "../task/after.ts"
import { changeTask } from "../task/change.ts"
import { openEffects } from "../task/effects.ts"
import type { Groups } from "../task/group.ts"
import { endCanceled } from "../task/lost.ts"
import { keepPack } from "../task/packs.ts"
import { readLive } from "../task/read.ts"

/** What repairing needs. */
export type RepairParts = {
  settle: Settle
  repoHost: (team: string, repo: string) => Promise<string | null>
  groups: Groups
}

/** The lane whose workers do the outbox's effects. */
export const effectLane: Lane = "deep"

/** Derives everything of one task anew: what a crash left undone between its write and the settling. */
export const repairTask = async (context: Context, parts: RepairParts, ref: TaskRef): Promise<void> => {
  // What is in the archive was settled before it went there.
  const [state = null] = await readLive(context, ref.team, [ref.task])
  if (state === null) {
    // A group's writer may have died before it came to this candidate.
    if ((await parts.groups.repair(ref, null)) === "done") return
    // The queue is told of a new task ahead of its write, which may have failed.
    return await forgetQueued(context, ref)
  }
  await requeue(context, parts, state)
  if (state.checkpoint !== null) await keepPack(context, ref)
  const ops = await openEffects(context, ref)
  const host = boundHost(state, await hostsOf(context, parts, state))
  await Promise.all(ops.map(op => addOp(context, effectLane, { ref, op }, host)))
  await countFacts(context, { ref, repo: state.repo })
  const row = { task: ref.task, before: state.lastEventId, after: state, mark: "", events: [] }
  await settleTeam(context, ref.team, [row])
  await parts.groups.repair(ref, state)
}

/** Puts a task where its fold says into every lane's queue, unless a newer write did. */
export const requeue = async (context: Context, parts: RepairParts, state: TaskState): Promise<void> => {
  const ref = { team: state.team, task: state.id }
  const hosts = await hostsOf(context, parts, state)
  const lanes = new Set(state.turns.map(turn => turn.lane))
  await Promise.all(
    Lane.options
      .filter(lane => lanes.has(lane))
      .map(async lane => {
        const presence = presenceOf(state, lane, hosts)
        const row = rowOf(memberOf(ref), state, presence, "")
        await withDeadline(context.run("queue-settle", [queueFamily(lane)], ["1", 1, ...row]))
      }),
  )
}

const hostsOf = async (context: Context, parts: RepairParts, state: TaskState) => {
  const keys = taskKeys({ team: state.team, task: state.id })
  const [repoHost, lastHost] = await Promise.all([
    parts.repoHost(state.team, state.repo),
    withDeadline(context.client.hget(keys.state, "host")),
  ])
  return { repoHost, lastHost: lastHost ?? "" }
}

/**
 * Looks after one open task: in the queue if it belongs there, let go on once what it waits for is done, ended if its cancel was never
 * finished, or if another candidate of its group leaves it nothing to do.
 */
export const reconcileTask = async (
  context: Context,
  parts: RepairParts,
  state: TaskState,
): Promise<void> => {
  await releaseTask(context, parts.settle, state)
  await parts.groups.repair({ team: state.team, task: state.id }, state)
  if (endCanceled(state, context.now()).length === 0) return await requeue(context, parts, state)
  await changeTask(context, parts.settle, {
    team: state.team,
    task: state.id,
    mode: "over",
    decide: endCanceled,
  })
}
