import type { Lane, QueueLimits, WorkerView } from "@twolane/protocol"
import { type Context, fromJson, memberOf } from "../context.ts"
import { queueFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Stop } from "../spend/budget.ts"
import { type Active, type Entry, rankOf } from "./entry.ts"
import { type LimitFields, limitsOf } from "./limits.ts"
import type { Choice, Pick, Situation } from "./pick.ts"
import type { Limits, Seat } from "./room.ts"
import type { Shares } from "./shares.ts"

/** A ticket that no worker claimed within this time is void: another one is issued. */
export const ticketMs = 5_000

/** More lines than this wait for a later look of the picker. */
const mostLines = 1_000

/** Where nobody set a limit, the fast lane is bounded by its slots alone: what comes back must not wait for turns of its own repo. */
const fastPerRepo = 1_000

/** A row of names and values, as Redis answers a hash. */
export type Row = readonly string[]

/** What a lane's rules and accounts are in Redis. */
export type RuleRows = { paused: boolean; workers: WorkerView[]; limits: Row; pausedRepos: Row; stops: Row }

/** A lane's limits as Redis keeps them. */
export const limitsFrom = (context: Context, lane: Lane, fields: LimitFields): QueueLimits =>
  limitsOf(fields, lane === "fast" ? fastPerRepo : context.perRepo)

/** The rules by which a lane's slots are given away. */
export const rulesOf = (context: Context, lane: Lane, rows: RuleRows): Limits => ({
  limits: limitsFrom(context, lane, pairsOf(rows.limits)),
  paused: rows.paused,
  pausedRepos: new Set(rows.pausedRepos),
  stops: new Map(Object.entries(pairsOf(rows.stops)).map(([team, json]) => [team, fromJson<Stop>(json)])),
  seats: rows.workers.map(seatOf),
})

/** What was given away while others waited. */
export const sharesOf = (spent: Row, passed: Row): Shares => ({
  spent: numbersOf(spent),
  passed: numbersOf(passed),
})

/** What the picker decides on: the heads of each line, and who works. */
export type Snapshot = Situation & { workers: WorkerView[] }

/** Reads a lane for the picker, `heads` of each line; turns whose time has come, and those whose ticket is void, are in line again. */
export const readSnapshot = async (context: Context, lane: Lane, heads: number): Promise<Snapshot> => {
  const reply = await withDeadline(
    context.run("queue-snapshot", [queueFamily(lane)], [ticketMs, heads, mostLines]),
  )
  const [now, paused, views, active, lines, limits, pausedRepos, spent, passed, stops] = reply as [
    number,
    number,
    string[],
    string[],
    string[][],
    Row,
    Row,
    Row,
    Row,
    Row,
  ]
  const workers = present(views.map(fromJson<WorkerView>), now, context.timing.leaseMs)
  return {
    now,
    workers,
    rules: rulesOf(context, lane, { paused: paused === 1, workers, limits, pausedRepos, stops }),
    active: active.map(fromJson<Active>),
    waiting: lines.map(([, ...entries]) => entries.map(fromJson<Entry>)),
    shares: sharesOf(spent, passed),
  }
}

const pairsOf = (row: Row): Record<string, string> =>
  Object.fromEntries(row.flatMap((name, at) => (at % 2 === 0 ? [[name, row[at + 1] ?? ""]] : [])))

const numbersOf = (row: Row): Map<string, number> =>
  new Map(Object.entries(pairsOf(row)).map(([name, value]) => [name, Number(value)]))

/** The workers that gave a sign of life within a lease's time. */
export const present = (workers: readonly WorkerView[], now: number, leaseMs: number): WorkerView[] =>
  workers.filter(({ seenAt }) => seenAt > now - leaseMs)

/** What a worker offers to the picker. */
const seatOf = ({ id, host, capacity, holding, provider }: WorkerView): Seat => ({
  id,
  host,
  capacity,
  ...(holding === undefined ? {} : { holding }),
  ...(provider === undefined ? {} : { provider }),
})

/** A pick with its ticket's number. */
export type Numbered = Pick & { generation: number }

/** What the queue keeps of a turn whose ticket is out. */
export const activeOf = ({ entry, host, generation }: Numbered, now: number): Active => {
  const { team, task, turn, repo, who } = entry
  return {
    team,
    task,
    turn,
    repo,
    state: "ticketed",
    fence: String(generation),
    at: now,
    host,
    ...(who === undefined ? {} : { who }),
    ...(rankOf(entry) === 1 ? { urgent: true } : {}),
  }
}

/** Moves picked turns from the line to the active ones, and keeps what that changes of the shares; answers which of them still waited. */
export const issue = async (
  context: Context,
  lane: Lane,
  { picks, spent, passed }: Omit<Choice, "picks"> & { picks: readonly Numbered[] },
): Promise<boolean[]> => {
  const tickets = picks.flatMap(one => [memberOf(one.entry), JSON.stringify(activeOf(one, context.now()))])
  const args = [spent.size, ...[...spent].flat(), passed.size, ...[...passed].flat(), ...tickets]
  const answers = await withDeadline(context.run("queue-issue", [queueFamily(lane)], args))
  return (answers as number[]).map(answer => answer === 1)
}

/** Puts an active task back in line, unless it moved on: `fence` is the generation or attempt that it was seen with. */
export const revive = async (
  context: Context,
  lane: Lane,
  ref: TaskRef,
  seen: { state: Active["state"]; fence: string },
): Promise<boolean> => {
  const answer = await withDeadline(
    context.run("queue-revive", [queueFamily(lane)], [memberOf(ref), seen.state, seen.fence]),
  )
  return answer === 1
}
