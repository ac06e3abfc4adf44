import {
  type Lane,
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

/** Where tasks of one team stand that wait in a queue; null for the others. */
export const readQueuePlaces = async (
  context: Context,
  states: readonly TaskState[],
): Promise<(QueuePlace | null)[]> => {
  const byLane = Map.groupBy(states.filter(waits), laneOf)
  const found = new Map<string, QueuePlace>()
  await Promise.all(
    [...byLane].map(async ([lane, ofLane]) => {
      const team = ofLane[0]?.team ?? ""
      const { around, standings } = await readPlaces(context, lane, team, ofLane.map(stateMember))
      for (const [index, state] of ofLane.entries()) {
        const place = placeOf(state, standings[index] ?? null, around)
        if (place !== null) found.set(state.id, place)
      }
    }),
  )
  return states.map(state => found.get(state.id) ?? null)
}

const stateMember = (state: TaskState): string => memberOf({ team: state.team, task: state.id })

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
