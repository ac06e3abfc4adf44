import { isFinal, type Lane, openTurn, type TaskEvent, type TaskState } from "@twolane/protocol"
import { type Context, memberOf } from "../context.ts"
import { queueFamily } from "../keys.ts"
import { type Presence, presenceOf } from "../queue/entry.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Write } from "../task/append.ts"
import { type Gather, gather } from "./gather.ts"
import type { Settled } from "./settle.ts"

/** What settling a queue needs of its neighbours. */
export type QueueParts = {
  /** The only host that can serve a repo; null when any can. */
  repoHost: (team: string, repo: string) => Promise<string | null>
  /** Whether this process has the upkeep: else the picker is woken through Redis. */
  picksHere: () => boolean
  /** Wakes this process' picker. */
  poke: (lane: Lane) => void
}

/** Brings the queues of all lanes that some writes touch up to date, and wakes the picker. */
export const settleQueues = async (
  parts: QueueParts,
  send: SendRows,
  items: readonly Settled[],
): Promise<void> => {
  const rows = new Map<Lane, QueueRow[]>()
  for (const { write, host, queued } of items) {
    if (queued !== undefined) continue
    const repoHost = await parts.repoHost(write.ref.team, write.after.repo)
    for (const lane of lanesOf(write)) {
      const row = queueRow(write, lane, { repoHost, lastHost: host })
      if (row !== null) rows.set(lane, [...(rows.get(lane) ?? []), row])
    }
  }
  const sent = [...rows].map(([lane, ofLane]) => send(lane, ofLane))
  await Promise.all([...sent, ...items.map(({ queued }) => queued)])
}

/** One task's arguments for `queue-settle`. */
export type QueueRow = (string | number)[]

/** Sends rows to their lane's queue. */
export type SendRows = Gather<QueueRow, Lane>

/** Redis does nothing else during one call. */
const rowsPerCall = 250

/** Makes the function that sends rows, those of many writes together. */
export const gatherRows = (context: Context, parts: QueueParts): SendRows =>
  gather<QueueRow, Lane>(async (lane, rows) => {
    for (let at = 0; at < rows.length; at += rowsPerCall)
      await sendQueue(context, parts, lane, rows.slice(at, at + rowsPerCall))
  })

/** Tells a lane's queue of tasks, and wakes the picker. */
export const sendQueue = async (
  context: Context,
  parts: QueueParts,
  lane: Lane,
  rows: readonly QueueRow[],
): Promise<void> => {
  const picksHere = parts.picksHere()
  const args = [picksHere ? "0" : "1", rows.length, ...rows.flat()]
  const settled = withDeadline(context.run("queue-settle", [queueFamily(lane)], args))
  // Redis runs the picker's look behind this on the same connection, so that the look need not wait for the answer.
  const poked = picksHere && rows.some(([, , place]) => place === "wait" || place === "none")
  if (poked) parts.poke(lane)
  if ((await settled) === 1 && !poked) parts.poke(lane)
}

const lanesOf = ({ before, after, events }: Write): Set<Lane> => {
  const ended = events.filter(({ type }) => type === "turn.ended").map(({ turn }) => turn)
  const turns = [
    before === null ? undefined : openTurn(before),
    openTurn(after),
    ...after.turns.filter(({ id }) => ended.includes(id)),
  ]
  return new Set(turns.flatMap(turn => (turn === undefined ? [] : [turn.lane])))
}

/** Null when this write changes nothing of the lane's queue. */
const queueRow = (write: Write, lane: Lane, at: { repoHost: string | null; lastHost: string }) => {
  const presence = presenceOf(write.after, lane, at)
  const before = presenceOf(write.before, lane, at)
  const durations = endedDurations(write.after, write.events, lane)
  if (durations === "" && JSON.stringify(before) === JSON.stringify(presence)) return null
  return rowOf(memberOf(write.ref), write.after, presence, durations)
}

/** One task's arguments for `queue-settle`. */
export const rowOf = (member: string, state: TaskState, presence: Presence, durations: string) => [
  member,
  versionOf(state),
  presence.place,
  presence.place === "none" ? "" : JSON.stringify(presence.entry),
  "active" in presence ? JSON.stringify(presence.active) : "",
  durations,
]

/** A fold's version, as the queue compares them. */
export const versionOf = (state: TaskState): number => {
  const [attempt = "0", n = "0"] = state.lastEventId.split("-")
  return Number(attempt) * 1e9 + Number(n)
}

const endedDurations = (state: TaskState, events: readonly TaskEvent[], lane: Lane): string =>
  state.turns
    .filter(turn => turn.lane === lane && isFinal(turn.status) && turn.startedAt !== undefined)
    .filter(({ id }) => events.some(event => event.type === "turn.ended" && event.turn === id))
    .map(({ runningMs }) => Math.round(runningMs))
    .join(",")
