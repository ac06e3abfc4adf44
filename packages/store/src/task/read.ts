import {
  compareEventIds,
  type EventId,
  type TaskEvent,
  type TaskState,
  type TranscriptEntry,
} from "@twolane/protocol"
import { readFoldsAway, readLogAway } from "../archive/find.ts"
import { type Context, fromJson } from "../context.ts"
import { taskKeys } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { readTeams } from "../team/teams.ts"
import { decodeFold } from "./fold-json.ts"
import { decodeEvent } from "./log.ts"

/** The task's fold, or null. */
export const readTask = async (context: Context, ref: TaskRef): Promise<TaskState | null> => {
  const [state = null] = await readTasks(context, ref.team, [ref.task])
  return state
}

/** The fold of a task whose team is not known. */
export const findTask = async (context: Context, task: string): Promise<TaskState | null> => {
  const teams = await readTeams(context)
  const found = await Promise.all(teams.map(team => readTask(context, { team, task })))
  return found.find(state => state !== null) ?? null
}

/** Many folds, in the order asked for; from the archive where Redis does not have them. */
export const readTasks = async (
  context: Context,
  team: string,
  tasks: readonly string[],
): Promise<(TaskState | null)[]> => {
  const folds = await readLive(context, team, tasks)
  const missing = tasks.filter((_, index) => folds[index] === null)
  if (missing.length === 0) return folds
  const away = (await readFoldsAway(context, team, missing)).values()
  return folds.map(fold => fold ?? away.next().value ?? null)
}

/** Many folds of those that Redis has, in the order asked for. */
export const readLive = async (
  { client }: Context,
  team: string,
  tasks: readonly string[],
): Promise<(TaskState | null)[]> => {
  const reading = tasks.map(task => client.hget(taskKeys({ team, task }).state, "fold"))
  const folds = await withDeadline(Promise.all(reading))
  return folds.map(fold => (fold === null ? null : decodeFold(fold)))
}

/** Events after `after` up to `until` (default: the end), oldest first. */
export const readEvents = async (
  context: Context,
  ref: TaskRef,
  range: { after: EventId; limit: number; until?: EventId },
): Promise<TaskEvent[]> => {
  const { after, limit, until } = range
  // Redis refuses to begin after the largest id; 0-0 is never an event's.
  const rows = await withDeadline(
    context.client.xrange(taskKeys(ref).log, `(${after}`, until ?? "+", "COUNT", limit),
  )
  // Nothing more, or nothing of it is here.
  if (rows.length === 0 && context.archive !== null) {
    const log = await readLogAway(context, ref)
    const from = log.findIndex(([id]) => compareEventIds(id, after) > 0)
    const page = from < 0 ? [] : log.slice(from, from + limit)
    const within = page.filter(([id]) => until === undefined || compareEventIds(id, until) <= 0)
    return within.map(([id, json]) => decodeEvent(ref.task, id, json))
  }
  return rows.map(([id, fields]) => decodeEvent(ref.task, id, fields[1] ?? "null"))
}

/** One event, or null. */
export const readEvent = async (context: Context, ref: TaskRef, id: EventId): Promise<TaskEvent | null> => {
  const [row] = await withDeadline(context.client.xrange(taskKeys(ref).log, id, id))
  if (row !== undefined) return decodeEvent(ref.task, row[0], row[1][1] ?? "null")
  const line = (await readLogAway(context, ref)).find(([known]) => known === id)
  return line === undefined ? null : decodeEvent(ref.task, id, line[1])
}

/** The whole log, in pages. */
export const readLog = async (context: Context, ref: TaskRef, after: EventId): Promise<TaskEvent[]> => {
  const page = await readEvents(context, ref, { after, limit: 1_000 })
  const last = page.at(-1)
  if (page.length < 1_000 || last === undefined) return page
  return [...page, ...(await readLog(context, ref, last.id))]
}

const backwardsPage = 200

/** The end of a log, oldest first: as many pages backwards as it takes to be enough, or all of it. */
export const readEnd = async (
  context: Context,
  ref: TaskRef,
  isEnough: (tail: readonly TaskEvent[]) => boolean,
): Promise<TaskEvent[]> => {
  let tail: TaskEvent[] = []
  for (;;) {
    const [oldest] = tail
    const to = oldest === undefined ? "+" : `(${oldest.id}`
    const reading = context.client.xrevrange(taskKeys(ref).log, to, "-", "COUNT", backwardsPage)
    const rows = await withDeadline(reading)
    const page = rows.map(([id, fields]) => decodeEvent(ref.task, id, fields[1] ?? "null"))
    tail = [...page.reverse(), ...tail]
    if (rows.length < backwardsPage || isEnough(tail)) return tail
  }
}

/** All of the task's transcript, oldest first. */
export const readTranscript = async (
  context: Context,
  ref: TaskRef,
  from: number,
): Promise<TranscriptEntry[]> => {
  const entries = await withDeadline(context.client.lrange(taskKeys(ref).script, from, -1))
  return entries.map(entry => fromJson<TranscriptEntry>(entry))
}
