import { type Actor, type Lane, openTurn, type Priority, type TaskState } from "@twolane/protocol"
import { digest } from "../keys.ts"

/** A turn in the queue: what the picker knows of it. */
export type Entry = {
  team: string
  task: string
  turn: string
  repo: string
  /** Whose turn it is; absent where a version before queued it. */
  who?: string
  /** Priority, then age: smaller goes first. */
  score: number
  queuedAt: number
  notBefore?: number
  /** It ends unless its first attempt begins by then; absent once it has begun. */
  startBy?: number
  /** The tasks that it waits for. */
  after?: readonly string[]
  /** The only host whose workers can run it: its repo's path source, or its checkpoint, is there. */
  host?: string
}

/** A turn that takes up a slot: its ticket is out, or it runs. */
export type Active = {
  team: string
  task: string
  turn: string
  repo: string
  state: "ticketed" | "running"
  /** The ticket's generation, or the attempt's number. */
  fence: string
  /** Since when it is so. */
  at: number
  host: string
  worker?: string
  /** Whose turn it is; absent where a version before gave it out. */
  who?: string
  urgent?: true
}

/** Where a task stands in one lane's queue. */
export type Presence =
  | { place: "none" }
  | { place: "wait"; entry: Entry }
  /** Its ticket went out before it ever stood in line. */
  | { place: "ticket"; entry: Entry; active: Active }
  | { place: "run"; entry: Entry; active: Active }

/** The only host whose workers can go on with a task: its repo's path source, or a checkpoint too large to travel, is there. */
export const boundHost = (
  state: TaskState,
  at: { repoHost: string | null; lastHost: string },
): string | null => {
  if (at.repoHost !== null) return at.repoHost
  return state.checkpoint?.portable === false && at.lastHost !== "" ? at.lastHost : null
}

/** How urgent a priority is: smaller goes first. */
const priorityRank: Record<Priority, number> = { urgent: 1, high: 2, normal: 3, low: 4 }

/** Larger than any time in ms, so that priority outweighs age. */
const rankUnit = 1e13

/** Where a priority begins among the scores. */
export const rankStart = (priority: TaskState["priority"]): number => priorityRank[priority] * rankUnit

/** How urgent a turn in the queue is: 1 is urgent, 4 low. */
export const rankOf = ({ score }: Pick<Entry, "score">): number => Math.floor(score / rankUnit)

/** When what has a score was queued. */
export const ageOf = (score: number): number => score % rankUnit

/** A person's name in the queue: the key that asked, which is no text of a user. */
const whoOf = ({ key }: Actor): string => (/^[\w.-]{1,64}$/.test(key) ? key : digest(key))

/** Priority, then age: smaller goes first. */
export const scoreOf = (priority: TaskState["priority"], queuedAt: number): number =>
  rankStart(priority) + queuedAt

/**
 * Where a task stands in a lane's queue, by its fold alone. Only its first open turn is there: the others wait behind it.
 * `lastHost` is where its newest attempt ran.
 */
export const presenceOf = (
  state: TaskState | null,
  lane: Lane,
  at: { repoHost: string | null; lastHost: string },
): Presence => {
  const turn = state === null ? undefined : openTurn(state)
  if (state === null || turn === undefined || turn.lane !== lane) return { place: "none" }
  const host = boundHost(state, at)
  const names = { team: state.team, task: state.id, turn: turn.id, repo: state.repo, who: whoOf(turn.by) }
  const entry: Entry = {
    ...names,
    score: scoreOf(state.priority, turn.queuedAt),
    queuedAt: turn.queuedAt,
    ...(turn.notBefore === undefined ? {} : { notBefore: turn.notBefore }),
    ...(turn.startBy === undefined || turn.attempts > 0 ? {} : { startBy: turn.startBy }),
    ...(turn.after === undefined ? {} : { after: turn.after }),
    ...(host === null ? {} : { host }),
  }
  if (turn.status === "queued") return { place: "wait", entry }
  if (!state.attemptOpen) return { place: "none" }
  const active: Active = {
    ...names,
    state: "running",
    fence: String(state.attempt),
    at: turn.runningSince ?? turn.queuedAt,
    host: at.lastHost,
    ...(turn.worker === undefined ? {} : { worker: turn.worker }),
    ...(state.priority === "urgent" ? { urgent: true } : {}),
  }
  return { place: "run", entry, active }
}
