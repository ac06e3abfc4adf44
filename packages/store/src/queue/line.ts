import { type Lane, type Page, type QueuePlace, type Task, viewTask } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { memberOf } from "../context.ts"
import { queueFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { readTasks } from "../task/read.ts"
import { decodeCursor, encodeCursor } from "../team/cursor.ts"
import { readQueuePlaces } from "./view.ts"

/** The most places that one call looks at: with many teams in one lane a page may then be short, and its cursor goes on. */
const mostPerCall = 2_000

/**
 * The team's tasks that wait in a lane, by priority and age, those of a page in the order in which they are picked as things are (which
 * shares may change); behind them those whose time has not come.
 * The line moves on between two pages: what passed from one to the other meanwhile may be on both, or on none. @throws Fault bad-cursor.
 */
export const listWaiting = async (
  context: Context,
  { team, lane }: { team: string; lane: Lane },
  page: { limit: number; cursor?: string },
): Promise<Page<Task>> => {
  const of = `waiting ${lane}`
  const { seen } = decodeCursor(of, page.cursor)
  const { tasks, next } = await walkLine(context, { team, lane, from: seen, wanted: page.limit })
  const [states, placeOf] = await Promise.all([
    readTasks(context, team, tasks),
    readQueuePlaces(context, team, tasks, [lane]),
  ])
  const placed = states.flatMap(state => {
    const queue = state === null ? null : placeOf(state)
    // One without a place has been picked meanwhile.
    return state === null || queue === null ? [] : [{ state, queue }]
  })
  const due = ({ queue }: (typeof placed)[number]) => (standsInLine(queue) ? 0 : 1)
  const items = placed
    .toSorted((a, b) => due(a) - due(b) || a.queue.position - b.queue.position)
    .map(({ state, queue }) => viewTask(state, { queue }))
  return { items, nextCursor: next === null ? null : encodeCursor({ of, last: "", seen: next }) }
}

type Walk = { team: string; lane: Lane; from: number; wanted: number }

/** Places count through the line and then through those that are not due. */
const walkLine = async (
  context: Context,
  { team, lane, from, wanted }: Walk,
): Promise<{ tasks: string[]; next: number | null }> => {
  const ours = memberOf({ team, task: "" })
  const tasks: string[] = []
  for (let at = from; at < from + mostPerCall; ) {
    const members = await readPlaces(context, lane, at, wanted)
    for (const [index, member] of members.entries()) {
      if (!member.startsWith(ours)) continue
      tasks.push(member.slice(ours.length))
      if (tasks.length === wanted) return { tasks, next: at + index + 1 }
    }
    if (members.length === 0) return { tasks, next: null }
    at += members.length
  }
  return { tasks, next: from + mostPerCall }
}

const readPlaces = async (
  { client }: Context,
  lane: Lane,
  from: number,
  count: number,
): Promise<string[]> => {
  const family = queueFamily(lane)
  const due = await withDeadline(client.zcard(`${family}line`))
  const last = from + count - 1
  if (from < due)
    return await withDeadline(client.zrange(`${family}line`, String(from), String(Math.min(last, due - 1))))
  return await withDeadline(client.zrange(`${family}later`, String(from - due), String(last - due)))
}

const standsInLine = ({ after, notBefore }: QueuePlace): boolean =>
  after === undefined && notBefore === undefined
