import { Lane, type TaskState, type WorkerView } from "@twolane/protocol"
import { bringBack } from "../archive/bring-back.ts"
import { type Context, fromJson } from "../context.ts"
import { queueFamily, taskKeys } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { boundHost } from "../queue/entry.ts"
import { present } from "../queue/lane.ts"
import { repoOf } from "../queue/room.ts"
import { withDeadline } from "../redis/deadline.ts"
import { sendGathered } from "../redis/gather-writes.ts"
import { holds, type Stop, stopsKey } from "../spend/budget.ts"
import { readLive, readTask } from "../task/read.ts"

/** How a worker is reached: by a unix socket on its own host, by TCP from elsewhere. */
export type Ways = { socket: string; tcp?: { host: string; port: number } }

/** A worker's record as Redis keeps it; `ways` and `keeps` are never shown. */
export type WorkerRecord = WorkerView & {
  /** Where it takes turns directly. */
  ways?: Ways
  /** The tasks whose workspaces it keeps warm. */
  keeps?: readonly string[]
}

/** A worker that takes turns directly. */
export type Door = {
  id: string
  host: string
  ways: Ways
  capacity: number
  /** How many turns it had at its last beat. */
  busy: number
  holding?: string
  keeps: readonly string[]
}

/** Whose turn it is: a repo's next task (`state` null), or a task as it is now. */
export type DoorsOf = { team: string; repo: string; state: TaskState | null }

/** Who takes turns of a lane directly, and why nobody does: the lane is paused, or the repo in it, or the team's budget is used up. */
export type Doors = { doors: Door[]; paused: "lane" | "repo" | Stop | null }

/** A task (null: there is none) and the doors for its next turn, as they are being read. */
export type ForTurn = { task: Promise<TaskState | null>; doors: Promise<Doors> }

const readRecords = async (context: Context, lane: Lane): Promise<WorkerRecord[]> => {
  const rows = await withDeadline(context.client.hvals(`${queueFamily(lane)}workers`))
  return present(rows.map(recordOf), context.now(), context.timing.leaseMs)
}

/** Workers of a version before say neither how busy they are nor whose turns they have. */
const recordOf = (json: string): WorkerRecord => {
  const record = fromJson<WorkerRecord>(json)
  const turns = record.turns.filter(({ team }) => team !== undefined)
  return { ...record, busy: record.busy ?? record.turns.length, turns }
}

/** The workers of all lanes that are there, the oldest first. */
export const readWorkers = async (context: Context): Promise<WorkerView[]> => {
  const lanes = await Promise.all(Lane.options.map(lane => readRecords(context, lane)))
  return lanes
    .flat()
    .map(({ ways: _ways, keeps: _keeps, ...view }) => view)
    .toSorted((a, b) => a.since - b.since)
}

/** Which host alone can serve a repo; null is any. */
export type RepoHost = (team: string, repo: string) => Promise<string | null>

/** The doors of a lane's workers that can go on with a task; the workers are read at once, also while the task still is. */
export const readDoors = async (
  context: Context,
  repoHost: RepoHost,
  lane: Lane,
  of: DoorsOf | Promise<DoorsOf | null>,
): Promise<Doors> => {
  const [records, paused, pausedRepos, stops, asked] = await Promise.all([
    readRecords(context, lane),
    withDeadline(context.client.exists(`${queueFamily(lane)}paused`)),
    withDeadline(context.client.smembers(`${queueFamily(lane)}paused-repos`)),
    withDeadline(context.client.hgetall(stopsKey(lane))),
    Promise.resolve(of).then(
      async found => found && { ...found, host: await hostOf(context, repoHost, found) },
    ),
  ])
  const fitting = records.filter(record => asked?.host == null || record.host === asked.host)
  const repoPaused = asked !== null && pausedRepos.includes(repoOf(asked))
  const json = asked === null ? undefined : stops[asked.team]
  const stop = json === undefined ? undefined : fromJson<Stop>(json)
  const stopped = holds(stop, context.now()) ? stop : null
  return { doors: fitting.flatMap(doorOf), paused: paused === 1 ? "lane" : repoPaused ? "repo" : stopped }
}

/** As `Store.readForTurn`. */
export const readForTurn = (context: Context, repoHost: RepoHost, lane: Lane, ref: TaskRef): ForTurn => {
  const task = readToWrite(context, ref)
  const of = task.then(state => state && { team: ref.team, repo: state.repo, state })
  const doors = readDoors(context, repoHost, lane, of)
  sendGathered(context.client)
  // Told to whoever goes by them.
  for (const reading of [task, doors]) reading.catch(() => undefined)
  return { task, doors }
}

/** A worker writes to a task that is in Redis: what it cannot find there it takes for absent. */
const readToWrite = async (context: Context, ref: TaskRef): Promise<TaskState | null> => {
  const [state = null] = await readLive(context, ref.team, [ref.task])
  if (state !== null) return state
  await bringBack(context, ref)
  return await readTask(context, ref)
}

/** The only host whose workers can go on with it; null is any. */
const hostOf = async (
  context: Context,
  repoHost: RepoHost,
  { team, repo, state }: DoorsOf,
): Promise<string | null> => {
  const ofRepo = await repoHost(team, repo)
  if (ofRepo !== null || state?.checkpoint?.portable !== false) return ofRepo
  const lastHost = await withDeadline(context.client.hget(taskKeys({ team, task: state.id }).state, "host"))
  return boundHost(state, { repoHost: ofRepo, lastHost: lastHost ?? "" })
}

const doorOf = ({ id, host, ways, capacity, busy, holding, keeps = [] }: WorkerRecord): Door[] =>
  ways === undefined
    ? []
    : [{ id, host, ways, capacity, busy, keeps, ...(holding === undefined ? {} : { holding }) }]
