import { type Gate, type Page, type Task, type TaskState, viewGate, viewTask } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { digest } from "../keys.ts"
import type { TaskFilter } from "../port.ts"
import type { PlaceOf } from "../queue/view.ts"
import { awaitSettled } from "../settle/await-settled.ts"
import type { Settling } from "../settle/settle.ts"
import { readTasks } from "../task/read.ts"
import { decodeCursor, encodeCursor } from "./cursor.ts"
import { indexes, indexesOf } from "./memberships.ts"
import { walk } from "./walk.ts"

type PageRequest = { limit: number; cursor?: string }

/** The most that one call looks at: a page may then be short, and its cursor goes on. */
const mostPerCall = 2_000
/** As `mostPerCall`, where each task has to be read to be compared. */
const mostReadPerCall = 500
/** How far `q` looks back. */
const mostForText = 10_000

/** Tasks, newest first. Costs by the page, not by the number of tasks. @throws Fault bad-cursor. */
export const listTasks = async (
  context: Context,
  parts: { flush: Settling["flush"]; placesOf: (tasks: readonly string[]) => Promise<PlaceOf> },
  { team, filter }: { team: string; filter: TaskFilter },
  page: PageRequest,
): Promise<Page<Task>> => {
  const of = `tasks ${digest(JSON.stringify(sorted(filter)))}`
  const cursor = decodeCursor(of, page.cursor)
  const found = filter.q === undefined ? byIndex : byText
  const find = () => found(context, parts, { team, filter }, { ...cursor, limit: page.limit })
  // Mostly all has settled, and then what is found meanwhile holds.
  const [waited, first] = await Promise.all([
    page.cursor === undefined && awaitSettled(context, parts.flush, team),
    find(),
  ])
  const { states, placeOf, last, seen, ended } = waited ? await find() : first
  const items = states.map(state => {
    const queue = placeOf(state)
    return viewTask(state, queue === null ? {} : { queue })
  })
  return { items, nextCursor: ended ? null : encodeCursor({ of, last, seen }) }
}

type From = { last: string; seen: number; limit: number }
type Found = { states: TaskState[]; placeOf: PlaceOf; last: string; seen: number; ended: boolean }
type Find = (
  context: Context,
  parts: { placesOf: (tasks: readonly string[]) => Promise<PlaceOf> },
  of: { team: string; filter: TaskFilter },
  from: From,
) => Promise<Found>

const byIndex: Find = async (context, parts, { team, filter }, from) => {
  const { members, last, ended } = await walk(context, team, {
    indexes: indexesOf(filter),
    order: "newest",
    after: from.last,
    wanted: from.limit,
    most: mostPerCall,
  })
  // Side by side: most lists that somebody looks at have waiting tasks in them.
  const [states, placeOf] = await Promise.all([present(context, team, members), parts.placesOf(members)])
  return { states, placeOf, last, seen: 0, ended }
}

const byText: Find = async (context, parts, of, from) => {
  const found = await searchText(context, of, from)
  return { ...found, placeOf: await parts.placesOf(found.states.map(({ id }) => id)) }
}

/** Compares title and prompt of what the other filters leave; bounded for each call, and in all. */
const searchText = async (
  context: Context,
  { team, filter }: { team: string; filter: TaskFilter },
  from: From,
): Promise<Omit<Found, "placeOf">> => {
  const text = (filter.q ?? "").toLowerCase()
  const states: TaskState[] = []
  let { last, seen } = from
  for (let read = 0; read < mostReadPerCall && seen < mostForText; ) {
    const stretch = await walk(context, team, {
      indexes: indexesOf(filter),
      order: "newest",
      after: last,
      wanted: 100,
      most: mostPerCall,
    })
    for (const state of await present(context, team, stretch.members)) {
      last = state.id
      seen += 1
      if (matches(state, text)) states.push(state)
      if (states.length >= from.limit) return { states, last, seen, ended: false }
    }
    last = stretch.last
    read += stretch.members.length
    if (stretch.ended) return { states, last, seen, ended: true }
    if (stretch.members.length === 0) break
  }
  return { states, last, seen, ended: seen >= mostForText }
}

const matches = (state: TaskState, text: string): boolean =>
  state.title.toLowerCase().includes(text) ||
  state.turns.some(turn => turn.prompt.toLowerCase().includes(text)) ||
  state.id === text

const present = async (context: Context, team: string, tasks: readonly string[]): Promise<TaskState[]> =>
  (await readTasks(context, team, tasks)).filter(state => state !== null)

const sorted = (filter: TaskFilter): [string, unknown][] =>
  Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))

/** Gates that wait for a person, oldest first. @throws Fault bad-cursor. */
export const listGates = async (
  context: Context,
  flush: Settling["flush"],
  team: string,
  page: PageRequest,
): Promise<Page<Gate>> => {
  const cursor = decodeCursor("gates", page.cursor)
  if (page.cursor === undefined) await awaitSettled(context, flush, team)
  const { members, last, ended } = await walk(context, team, {
    indexes: [indexes.gates],
    order: "oldest",
    after: cursor.last,
    wanted: page.limit,
    most: mostPerCall,
  })
  const pairs = members.map(member => member.split("/"))
  const states = await readTasks(
    context,
    team,
    pairs.map(([, task = ""]) => task),
  )
  const items = states.flatMap((state, index) => {
    const open = state?.gates.find(({ gate }) => gate === pairs[index]?.[0])
    return state === null || open === undefined ? [] : [viewGate(state, open)]
  })
  return { items, nextCursor: ended ? null : encodeCursor({ of: "gates", last, seen: 0 }) }
}
