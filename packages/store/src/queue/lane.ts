import type { Lane, WorkerView } from "@twolane/protocol"
import { type Context, fromJson, memberOf } from "../context.ts"
import { queueFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Active, Entry } from "./entry.ts"
import type { Pick, Seat } from "./pick.ts"

/** A ticket that no worker claimed within this time is void: another one is issued. */
export const ticketMs = 5_000

/** More repos than this wait for a later look of the picker. */
const mostRepos = 500

/** The fast lane is bounded by its slots alone: what comes back to it must not wait for turns of its own repo. */
const fastPerRepo = 1_000

/** Turns of one repo that may run at once in a lane. */
export const perRepoOf = ({ perRepo }: Context, lane: Lane): number =>
  lane === "fast" ? fastPerRepo : perRepo

/** What the picker decides on. */
export type Snapshot = {
  now: number
  paused: boolean
  workers: WorkerView[]
  active: Active[]
  /** The heads of each repo's line. */
  waiting: Entry[][]
}

/** Reads a lane for the picker, `heads` of each repo; turns whose time has come, and those whose ticket is void, are in line again. */
export const readSnapshot = async (context: Context, lane: Lane, heads: number): Promise<Snapshot> => {
  const reply = await withDeadline(
    context.run("queue-snapshot", [queueFamily(lane)], [ticketMs, heads, mostRepos]),
  )
  const [now, paused, workers, active, repos] = reply as [number, number, string[], string[], string[][]]
  return {
    now,
    paused: paused === 1,
    workers: present(workers.map(fromJson<WorkerView>), now, context.timing.leaseMs),
    active: active.map(fromJson<Active>),
    waiting: repos.map(([, ...entries]) => entries.map(fromJson<Entry>)),
  }
}

/** The workers that gave a sign of life within a lease's time. */
export const present = (workers: readonly WorkerView[], now: number, leaseMs: number): WorkerView[] =>
  workers.filter(({ seenAt }) => seenAt > now - leaseMs)

/** What a worker offers to the picker. */
export const seatOf = ({ id, host, capacity, holding }: WorkerView): Seat => ({
  id,
  host,
  capacity,
  ...(holding === undefined ? {} : { holding }),
})

/** What the queue keeps of a turn whose ticket is out. */
export const activeOf = ({ entry, host, generation }: Pick & { generation: number }, now: number): Active => {
  const { team, task, turn, repo } = entry
  return { team, task, turn, repo, state: "ticketed", fence: String(generation), at: now, host }
}

/** Moves picked turns from the line to the active ones; answers which of them still waited. */
export const issue = async (
  context: Context,
  lane: Lane,
  picks: readonly (Pick & { generation: number })[],
): Promise<boolean[]> => {
  const args = picks.flatMap(one => [memberOf(one.entry), JSON.stringify(activeOf(one, context.now()))])
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
