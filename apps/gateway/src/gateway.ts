import type { Config, Logger, Metrics, Prices } from "@twolane/common"
import type { Github } from "@twolane/github"
import { Fault, type NewEvent, type Repo, type TaskState } from "@twolane/protocol"
import type { Effect, Store, TaskRef } from "@twolane/store"
import type { Access } from "./access/access.ts"
import type { Attendance } from "./access/attendance.ts"
import type { Refusals } from "./audit/refusals.ts"
import type { Knocker } from "./fast/knock.ts"
import type { KnownTasks } from "./fast/known-tasks.ts"
import type { Streams } from "./http/streams.ts"
import type { Overlaps } from "./overlap/overlaps.ts"
import type { Repos } from "./repos/repos.ts"

/** What the routes work with. */
export type Gateway = {
  config: Config
  store: Store
  repos: Repos
  github: Github
  /** Keys and sessions. */
  access: Access
  overlaps: Overlaps
  /** Attempts that were refused. */
  refusals: Refusals
  /** Whoever is being answered. */
  attendance: Attendance
  log: Logger
  metrics: Metrics
  prices: Prices
  streams: Streams
  /** This machine's name. */
  host: string
  /** The way to the fast workers. */
  knocker: Knocker
  /** What follow-ups are decided on, where it is known. */
  known: KnownTasks
  /** Aborts with `{ by: "shutdown" }` when the gateway begins to stop. */
  stopping: AbortSignal
  /** Aborts when what is still being answered must end. */
  ending: AbortSignal
}

/**
 * Reads a task.
 * @throws Fault not-found
 */
export const readTask = async ({ store }: Gateway, ref: TaskRef): Promise<TaskState> => {
  const state = await store.read(ref)
  if (state === null) throw noSuchTask()
  return state
}

/**
 * Writes the events that `decide` derives from a task's state, and an effect with them.
 * @throws Fault not-found, and whatever `decide` throws
 */
export const changeTask = async (
  { store }: Gateway,
  ref: TaskRef,
  decide: (state: TaskState, now: number) => readonly NewEvent[],
  effect?: Effect,
): Promise<TaskState> => {
  const result = await store.change({ ...ref, decide, ...(effect === undefined ? {} : { effect }) })
  if (result.ok) return result.state
  if (result.why === "absent") throw noSuchTask()
  throw new Fault("conflict", "The task changed meanwhile.")
}

/**
 * The commit whose rules hold for a task.
 * @throws Fault base-not-found
 */
export const baseOf = async (repos: Repos, repo: Repo, state: TaskState): Promise<string> =>
  state.base ?? state.baseAtSubmit ?? (await repos.resolve(repo, state.baseRef))

/**
 * Whether a task's change must be approved by another person than those whose words made it.
 * @throws Fault not-found, repo-file-invalid
 */
export const asksAnother = async ({ repos }: Gateway, state: TaskState): Promise<boolean> => {
  const repo = await repos.recent(state.team, state.repo)
  return repos.asksAnother(repo, await baseOf(repos, repo, state))
}

/** There is no such task, or it is another team's. */
export const noSuchTask = (): Fault => new Fault("not-found", "There is no such task.")
