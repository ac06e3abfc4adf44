import type { Lane } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { queueFamily, taskKeys, teamFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import type { Active } from "../queue/entry.ts"
import { revive } from "../queue/lane.ts"
import { settled } from "../queue/shares.ts"
import { withDeadline } from "../redis/deadline.ts"
import { changeTask } from "../task/change.ts"
import { judgeLost } from "../task/lost.ts"
import { readTask, readTasks } from "../task/read.ts"
import { indexes } from "../team/memberships.ts"
import { walk } from "../team/walk.ts"
import { type RepairParts, reconcileTask, repairTask, requeue } from "./repair.ts"

/** A mark older than this belongs to a writer that crashed: writing and settling take milliseconds. */
const dirtyMs = 7_000
const tasksPerLook = 200
/** Our copy of the clock of Redis may be off by this much; the claim asks Redis itself. */
const clockSlackMs = 50

/** Repairs the tasks whose writers crashed before everything was settled. */
export const sweepDirty = async (context: Context, parts: RepairParts, team: string): Promise<void> => {
  const key = `${teamFamily(team)}dirty`
  const before = context.now() - dirtyMs
  const marks = await withDeadline(
    context.client.zrangebyscore(key, "-inf", before, "LIMIT", 0, tasksPerLook),
  )
  for (const [task, ofTask] of Map.groupBy(marks, mark => mark.split("/")[0] ?? "")) {
    await repairTask(context, parts, { team, task })
    await withDeadline(context.client.zrem(key, ...ofTask))
  }
}

/** Looks at running turns for leases that are over: they go back in line, or end when they were canceled or lost too often. */
export const sweepLeases = async (
  context: Context,
  parts: RepairParts,
  lane: Lane,
  running: readonly Active[],
): Promise<void> => {
  await Promise.all(
    running.map(async active => {
      const ref = { team: active.team, task: active.task }
      const [until, owner] = await withDeadline(context.client.hmget(taskKeys(ref).state, "until", "owner"))
      const live = owner != null && Number(until) + clockSlackMs > context.now()
      if (!live) await takeBack(context, parts, lane, { ref, fence: active.fence })
    }),
  )
}

const takeBack = async (
  context: Context,
  parts: RepairParts,
  lane: Lane,
  { ref, fence }: { ref: TaskRef; fence: string },
): Promise<void> => {
  const state = await readTask(context, ref)
  if (state === null) return
  const lost = judgeLost(state, context.now())
  if (lost.what === "none") return await requeue(context, parts, state)
  if (lost.what === "again") {
    await revive(context, lane, ref, { state: "running", fence })
    return
  }
  await changeTask(context, parts.settle, {
    ...ref,
    mode: "over",
    decide: (now, at) => {
      const again = judgeLost(now, at)
      return again.what === "end" ? again.events : []
    },
  })
}

/** Goes through the open tasks of a team a stretch at a time, so that even a queue that was lost comes back. Answers where it is. */
export const reconcile = async (
  context: Context,
  parts: RepairParts,
  team: string,
  after: string,
): Promise<string> => {
  const stretch = await walk(context, team, {
    indexes: [indexes.open],
    order: "oldest",
    after,
    wanted: tasksPerLook,
    most: tasksPerLook,
  })
  const states = await readTasks(context, team, stretch.members)
  await Promise.all(
    states
      .filter(state => state !== null)
      // One that waits for a task that cannot be read now must not keep the others.
      .map(state => reconcileTask(context, parts, state).catch(error => context.onError(error, "reconcile"))),
  )
  return stretch.ended ? "" : stretch.last
}

const keepTeamEventsMs = 24 * 60 * 60 * 1_000
const keepVersionsMs = 10 * 60 * 1_000

/** Drops what is too old: the team's stream after 24 h. */
export const trimTeam = async (context: Context, team: string): Promise<void> => {
  const oldest = Math.max(0, context.now() - keepTeamEventsMs)
  await withDeadline(context.client.xtrim(`${teamFamily(team)}events`, "MINID", "~", oldest))
}

/** Drops a lane's versions of tasks that left the queue a while ago, and accounts that say nothing any more. */
export const trimLane = async (context: Context, lane: Lane): Promise<void> => {
  const family = queueFamily(lane)
  const accounts = Object.entries(await withDeadline(context.client.hgetall(`${family}spent`)))
  const over = settled(new Map(accounts.map(([name, spent]) => [name, Number(spent)])))
  if (over.length > 0) await withDeadline(context.client.hdel(`${family}spent`, ...over))
  const before = context.now() - keepVersionsMs
  const gone = await withDeadline(
    context.client.zrangebyscore(`${family}gone`, "-inf", before, "LIMIT", 0, 5_000),
  )
  if (gone.length === 0) return
  await withDeadline(context.client.hdel(`${family}version`, ...gone))
  await withDeadline(context.client.zrem(`${family}gone`, ...gone))
}
