import { Lane, type QueueChanged, type WorkerView } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import type { Hub } from "../follow/hub.ts"
import { queueFamily, teamFamily } from "../keys.ts"
import type { Lease } from "../lease/port.ts"
import { present, type Snapshot } from "../queue/lane.ts"
import { makePicker, type Picker } from "../queue/picker.ts"
import type { Tickets } from "../queue/tickets.ts"
import { readLaneQueue } from "../queue/view.ts"
import { withDeadline } from "../redis/deadline.ts"
import { keepBudget } from "../spend/budget.ts"
import { readTeams } from "../team/teams.ts"
import { every } from "../timer.ts"
import { forgetWorkers } from "../worker/drain.ts"
import { sweepExpired } from "./expire.ts"
import type { RepairParts } from "./repair.ts"
import { reconcile, sweepDirty, sweepLeases, trimLane, trimTeam } from "./sweep.ts"

/** What the upkeep works with. */
export type UpkeepParts = RepairParts & { hub: Hub; tickets: Tickets; lease: Lease }

const queueChangedMs = 500
const trimEveryTicks = 60
/** Every so many ticks all running turns' leases are looked at, not only those of workers that are silent. */
const leaseEveryTicks = 10
/** A worker that was silent for this long is forgotten. */
const forgetMs = 60_000

/** The pickers of all lanes in this process. */
export const makePickers = (context: Context, parts: UpkeepParts): Record<Lane, Picker> => {
  const ticks = { fast: 0, deep: 0 }
  const picker = (lane: Lane) =>
    makePicker(context, lane, {
      tickets: parts.tickets,
      active: parts.lease.held,
      onLook: snapshot => {
        const silent = silentTurns(snapshot, ticks[lane]++ % leaseEveryTicks === 0)
        sweepLeases(context, parts, lane, silent).catch(error => context.onError(error, "sweep leases"))
      },
    })
  return { fast: picker("fast"), deep: picker("deep") }
}

const silentTurns = ({ active, workers }: Snapshot, all: boolean) => {
  const there = new Set(workers.map(({ id }) => id))
  return active.filter(({ state, worker }) => state === "running" && (all || !there.has(worker ?? "")))
}

/** Runs picker, sweep and reconciler in whichever process holds the lease, as often as workers beat (1 s). */
export const startUpkeep = (
  context: Context,
  parts: UpkeepParts,
  pickers: Record<Lane, Picker>,
): AsyncDisposable => {
  const walked = new Map<string, string>()
  let ticks = 0
  const tick = async () => {
    if (!(await parts.lease.renew())) return
    await Promise.all(Lane.options.map(lane => pickers[lane].look()))
    const trims = ticks++ % trimEveryTicks === 0
    for (const team of await readTeams(context)) {
      await sweepDirty(context, parts, team)
      walked.set(team, await reconcile(context, parts, team, walked.get(team) ?? ""))
      if (trims) await trimTeam(context, team)
    }
    if (trims) await Promise.all(Lane.options.map(lane => trim(context, parts, lane)))
  }
  const onError = context.onError
  const announcing = async () => {
    if (parts.lease.held()) await Promise.all(Lane.options.map(lane => announceChanged(context, lane)))
  }
  // What is over by the clock: no part of the look that takes up dead workers' turns, which must not wait for it.
  const watching = async () => {
    if (!parts.lease.held()) return
    await Promise.all(Lane.options.map(lane => sweepExpired(context, parts.settle, lane)))
    for (const team of await readTeams(context)) await keepBudget(context, team)
  }
  const ticking = every(context.timing.beatMs, { name: "upkeep", run: tick, onError })
  const timing = every(context.timing.beatMs, { name: "budgets and times", run: watching, onError })
  const telling = every(queueChangedMs, { name: "queue.changed", run: announcing, onError })
  const listening = Promise.all(
    Lane.options.map(lane => parts.hub.listen([`${queueFamily(lane)}wake`], () => pickers[lane].poke())),
  ).catch(error => {
    // Without wake-ups the picker looks each second.
    onError(error, "listen for wake-ups")
    return []
  })
  return {
    [Symbol.asyncDispose]: async () => {
      for (const stop of await listening) stop()
      await Promise.all([ticking, timing, telling].map(timer => timer[Symbol.asyncDispose]()))
      await parts.lease.release().catch(error => onError(error, "release the upkeep"))
      await Promise.all(Lane.options.map(lane => pickers[lane].idle()))
    },
  }
}

/** Tells the teams whose queue changed since the last time. */
const announceChanged = async (context: Context, lane: Lane): Promise<void> => {
  const teams = await withDeadline(context.client.spop(`${queueFamily(lane)}changed`, 100))
  await Promise.all(
    teams.map(async team => {
      const { waiting, running } = await readLaneQueue(context, team, lane)
      const message: QueueChanged = { type: "queue.changed", lane, waiting, running }
      await withDeadline(context.client.publish(`${teamFamily(team)}live`, JSON.stringify(message)))
    }),
  )
}

const trim = async (context: Context, parts: UpkeepParts, lane: Lane): Promise<void> => {
  await trimLane(context, lane)
  const key = `${queueFamily(lane)}workers`
  const views = Object.values(await withDeadline(context.client.hgetall(key))).map(fromJson<WorkerView>)
  const there = present(views, context.now(), forgetMs)
  const gone = views.filter(({ id }) => !there.some(view => view.id === id))
  if (gone.length === 0) return
  await forgetWorkers(
    context,
    lane,
    gone.map(({ id }) => id),
  )
  const hosts = new Set(gone.map(({ host }) => host).filter(host => !there.some(view => view.host === host)))
  await Promise.all([...hosts].map(host => parts.tickets.forget(lane, host)))
}
