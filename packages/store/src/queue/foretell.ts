import type { Lane, NewEvent, TaskState } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { queueFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { rankStart, scoreOf } from "./entry.ts"

type Queued = Extract<NewEvent, { type: "turn.queued" }>
type Priority = TaskState["priority"]

/** Says of each turn that is queued how many turns go before it now, plus one: those of its own task, else of its lane. */
export const foretell = async (
  context: Context,
  before: TaskState,
  events: readonly NewEvent[],
): Promise<readonly NewEvent[]> =>
  events.some(isUnplaced)
    ? await Promise.all(
        events.map(async event =>
          isUnplaced(event)
            ? { ...event, position: await positionOf(context, before, events, event) }
            : event,
        ),
      )
    : events

const positionOf = async (
  context: Context,
  state: TaskState,
  events: readonly NewEvent[],
  event: Queued,
): Promise<number> => {
  const ends = new Set(events.flatMap(({ type, turn }) => (type === "turn.ended" ? [turn] : [])))
  const own = state.turns.findIndex(({ id }) => id === event.turn)
  const first = own === -1 ? state.turns : state.turns.slice(0, own)
  const open = first.filter(({ id, endedAt }) => endedAt === undefined && !ends.has(id)).length
  if (open > 0) return open
  const queuedAt = state.turns[own]?.queuedAt ?? event.at
  return (await countAhead(context, event.lane, scoreOf(state.priority, queuedAt))) + 1
}

/** As `foretell`, for tasks that are created together and stand in line in this order. In a quiet lane nobody has to be counted. */
export const foretellNew = async (
  context: Context,
  quiet: (lane: Lane) => boolean,
  tasks: readonly (readonly NewEvent[])[],
): Promise<NewEvent[][]> => {
  const counted = new Map<string, Promise<number>>()
  const placedSoFar = new Map<string, { lane: Lane; priority: Priority; count: number }>()
  return await Promise.all(
    tasks.map(async events => {
      const created = events.find(event => event.type === "task.created")
      const queued = events.find(isUnplaced)
      if (created === undefined || queued === undefined) return [...events]
      const { priority } = created
      const { lane } = queued
      const key = `${lane} ${priority}`
      const ofBatch = [...placedSoFar.values()]
        .filter(other => other.lane === lane && rankStart(other.priority) <= rankStart(priority))
        .reduce((sum, { count }) => sum + count, 0)
      placedSoFar.set(key, { lane, priority, count: (placedSoFar.get(key)?.count ?? 0) + 1 })
      const ahead =
        counted.get(key) ??
        (quiet(lane) ? Promise.resolve(0) : countAhead(context, lane, scoreOf(priority, queued.at)))
      counted.set(key, ahead)
      const position = (await ahead) + ofBatch + 1
      return events.map(event => (event === queued ? { ...queued, position } : event))
    }),
  )
}

const isUnplaced = (event: NewEvent): event is Queued =>
  event.type === "turn.queued" && event.position === null

/** Those of the same millisecond were there first. */
const countAhead = (context: Context, lane: Lane, score: number): Promise<number> =>
  withDeadline(context.client.zcount(`${queueFamily(lane)}line`, "-inf", score))
