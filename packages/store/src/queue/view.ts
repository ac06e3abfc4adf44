import {
  Lane,
  type LaneQueue,
  openTurn,
  type QueueLimits,
  type QueuePlace,
  type TaskState,
  type WorkerView,
} from "@twolane/protocol"
import { type Context, fromJson, memberOf } from "../context.ts"
import { queueFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { type Crowd, turnsBefore } from "./before.ts"
import type { Active, Entry } from "./entry.ts"
import { type Around, explain, medianOf, type Standing } from "./explain.ts"
import { present, type Row, rulesOf, sharesOf } from "./lane.ts"
import { readWanted, type Wanted } from "./wanted.ts"

type Places = {
  around: Around
  waiting: number
  oldestQueuedAt: number | null
  endedLastHour: number
  /** How many of all teams could run if there were room; the others wait for a time or for other tasks. */
  inLine: number
  standings: (Standing | null)[]
}

const readPlaces = async (
  context: Context,
  lane: Lane,
  team: string,
  members: readonly string[],
): Promise<Places> => {
  const reply = await withDeadline(context.run("queue-places", [queueFamily(lane)], [team, ...members]))
  const [now, paused, views, active, durations, waiting, oldest, ends, places, inLine, ...rest] =
    reply as Reply
  const [limits, pausedRepos, spent, passed, lines, stops] = rest
  const workers = present(views.map(fromJson<WorkerView>), now, context.timing.leaseMs)
  const rules = rulesOf(context, lane, { paused: paused === 1, workers, limits, pausedRepos, stops })
  const shares = sharesOf(spent, passed)
  const crowds = lines.map(crowdOf)
  return {
    around: { lane, active: active.map(fromJson<Active>), rules, durations: durations.map(Number), now },
    waiting,
    oldestQueuedAt: oldest === "" ? null : Number(oldest),
    endedLastHour: ends,
    inLine,
    standings: places.map(([older = 0, beforeInRepo = 0, json]) => {
      if (json === undefined) return null
      const entry = fromJson<Entry>(json)
      return { entry, before: turnsBefore({ entry, older }, crowds, rules.limits, shares), beforeInRepo }
    }),
  }
}

/** As `queue-places.lua` answers. */
type Reply = [
  now: number,
  paused: number,
  workers: string[],
  active: string[],
  durations: string[],
  waiting: number,
  oldest: string,
  ends: number,
  places: [number?, number?, string?][],
  inLine: number,
  limits: Row,
  pausedRepos: Row,
  spent: Row,
  passed: Row,
  lines: [string, string, string, ...number[]][],
  stops: Row,
]

const crowdOf = ([line, count, head, ...ranks]: Reply[14][number]): Crowd => {
  const [team = "", repo = "", who = ""] = line.split("/")
  return { team, repo, who, count: Number(count), head: Number(head), ranks }
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
export type LaneDepth = { waiting: number; later: number; running: number; paused: boolean; wanted: Wanted }

/** How full a lane is, over all teams. */
export const readLaneDepth = async (context: Context, lane: Lane): Promise<LaneDepth> => {
  const { client } = context
  const family = queueFamily(lane)
  const counts = Promise.all([
    client.zcard(`${family}line`),
    client.zcard(`${family}later`),
    client.hlen(`${family}active`),
    client.exists(`${family}paused`),
  ])
  const [[waiting, later, running, paused], wanted] = await Promise.all([
    withDeadline(counts),
    readWanted(context, lane),
  ])
  return { waiting, later, running, paused: paused === 1, wanted }
}

/** A team's view of one lane's queue. */
export const readLaneQueue = async (
  context: Context,
  team: string,
  lane: Lane,
): Promise<Omit<LaneQueue, "providers">> => {
  const { around, waiting, oldestQueuedAt, endedLastHour, inLine } = await readPlaces(context, lane, team, [])
  const slots = around.rules.seats.reduce((sum, { capacity }) => sum + capacity, 0)
  const median = medianOf(around.durations)
  // Slots are all teams'. Nobody knows when a lane is empty that is paused, or whose tasks all wait for something else.
  const moves = slots > 0 && !around.rules.paused && (inLine > 0 || waiting === 0)
  return {
    waiting,
    running: around.active.filter(turn => turn.team === team).length,
    slots,
    limits: forTeam(around.rules.limits, team),
    pausedRepos: [...around.rules.pausedRepos].flatMap(repo =>
      repo.startsWith(`${team}/`) ? [repo.slice(team.length + 1)] : [],
    ),
    oldestWaitMs: oldestQueuedAt === null ? 0 : Math.max(0, around.now - oldestQueuedAt),
    ratePerHour: endedLastHour,
    etaMs: !moves || median === null ? null : waiting === 0 ? 0 : Math.ceil(inLine / slots) * median,
    paused: around.rules.paused,
  }
}

/** A lane's limits without what they say of other teams. */
const forTeam = ({ teams, ...limits }: QueueLimits, team: string): QueueLimits => {
  const own = teams?.[team]
  return own === undefined ? limits : { ...limits, teams: { [team]: own } }
}
