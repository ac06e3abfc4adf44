import {
  Lane,
  type LaneQueue,
  openTurn,
  type QueuePlace,
  type TaskState,
  type WorkerView,
} from "@twolane/protocol"
import { type Context, fromJson, memberOf } from "../context.ts"
import { queueFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Active, Entry } from "./entry.ts"
import { type Around, explain, medianOf, type Standing } from "./explain.ts"
import { perRepoOf, present, seatOf } from "./lane.ts"

type Places = {
  around: Around
  waiting: number
  oldestQueuedAt: number | null
  endedLastHour: number
  standings: (Standing | null)[]
}

const readPlaces = async (
  context: Context,
  lane: Lane,
  team: string,
  members: readonly string[],
): Promise<Places> => {
  const reply = await withDeadline(context.run("queue-places", [queueFamily(lane)], [team, ...members]))
  const [now, paused, workers, active, durations, waiting, oldest, ends, places] = reply as [
    number,
    number,
    string[],
    string[],
    string[],
    number,
    string,
    number,
    [number?, number?, string?][],
  ]
  const seats = present(workers.map(fromJson<WorkerView>), now, context.timing.leaseMs).map(seatOf)
  return {
    around: {
      lane,
      active: active.map(fromJson<Active>),
      limits: { perRepo: perRepoOf(context, lane), paused: paused === 1, seats },
      durations: durations.map(Number),
      now,
    },
    waiting,
    oldestQueuedAt: oldest === "" ? null : Number(oldest),
    endedLastHour: ends,
    standings: places.map(([ahead, aheadInRepo, entry]) =>
      entry === undefined
        ? null
        : { ahead: ahead ?? -1, aheadInRepo: aheadInRepo ?? -1, entry: fromJson<Entry>(entry) },
    ),
  }
}

/** Says of a task whether it waits in a queue, and where it stands there. */
export type PlaceOf = (state: TaskState) => QueuePlace | null

/** Reads where tasks of a team stand, before their folds are at hand. */
export const readQueuePlaces = async (
  context: Context,
  team: string,
  tasks: readonly string[],
  lanes: readonly Lane[] = Lane.options,
): Promise<PlaceOf> => {
  const members = tasks.map(task => memberOf({ team, task }))
  const read = async (lane: Lane) => [lane, await readPlaces(context, lane, team, members)] as const
  const byLane = new Map(await Promise.all(lanes.map(read)))
  const indexes = new Map(tasks.map((task, index) => [task, index]))
  return state => {
    const places = byLane.get(laneOf(state))
    if (!waits(state) || places === undefined) return null
    return placeOf(state, places.standings[indexes.get(state.id) ?? -1] ?? null, places.around)
  }
}

/** Where a waiting turn's task stands; null when it does not wait in the queue. */
export const readQueuePlace = async (context: Context, state: TaskState): Promise<QueuePlace | null> => {
  if (!waits(state)) return null
  const places = await readQueuePlaces(context, state.team, [state.id], [laneOf(state)])
  return places(state)
}

const laneOf = (state: TaskState): Lane => openTurn(state)?.lane ?? "deep"

const waits = (state: TaskState): boolean => state.turns.at(-1)?.status === "queued"

const placeOf = (state: TaskState, standing: Standing | null, around: Around): QueuePlace | null => {
  const ahead = state.turns.filter(turn => turn.endedAt === undefined).length - 1
  if (ahead > 0)
    return { position: ahead, reason: `behind ${ahead} open ${ahead === 1 ? "turn" : "turns"} of its task` }
  const ticketed = around.active.some(turn => turn.task === state.id && turn.state === "ticketed")
  if (ticketed) return { position: 1, reason: "a worker is taking it", etaMs: 0 }
  return standing === null ? null : explain(standing, around)
}

/** Turns of a lane: those that could run, those that wait for a time or for other tasks, and those that have a slot. */
export type LaneDepth = { waiting: number; later: number; running: number; paused: boolean }

/** How full a lane is, over all teams. */
export const readLaneDepth = async ({ client }: Context, lane: Lane): Promise<LaneDepth> => {
  const family = queueFamily(lane)
  const [waiting, later, running, paused] = await withDeadline(
    Promise.all([
      client.zcard(`${family}line`),
      client.zcard(`${family}later`),
      client.hlen(`${family}active`),
      client.exists(`${family}paused`),
    ]),
  )
  return { waiting, later, running, paused: paused === 1 }
}

/** A team's view of one lane's queue. */
export const readLaneQueue = async (
  context: Context,
  team: string,
  lane: Lane,
): Promise<Omit<LaneQueue, "providers">> => {
  const { around, waiting, oldestQueuedAt, endedLastHour } = await readPlaces(context, lane, team, [])
  const slots = around.limits.seats.reduce((sum, { capacity }) => sum + capacity, 0)
  const median = medianOf(around.durations)
  return {
    waiting,
    running: around.active.filter(turn => turn.team === team).length,
    slots,
    limits: { perRepo: perRepoOf(context, lane) },
    oldestWaitMs: oldestQueuedAt === null ? 0 : Math.max(0, around.now - oldestQueuedAt),
    ratePerHour: endedLastHour,
    etaMs: slots === 0 || median === null ? null : Math.ceil(waiting / slots) * median,
    paused: around.limits.paused,
  }
}
