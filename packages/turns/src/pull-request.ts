import { type OpenedPull, openPull, receiptOf } from "@twolane/github"
import type { NewEvent, Repo, TaskState } from "@twolane/protocol"
import { branchTip, type Mirror } from "@twolane/workspace"
import { readLog } from "./handoff.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** A pushed branch whose pull request is wanted. `key` names the effect, so that it is one however often it is tried. */
export type BranchToReview = {
  repo: Repo
  mirror: Mirror
  state: TaskState
  head: string
  key: string
  acceptedBy?: string
}

/**
 * Opens the pull request of a task's branch, with what its log says as the receipt; the one that the branch has is brought up to date.
 * @throws Fault not-configured, publish-failed; Postponed when GitHub cannot be asked now
 */
export const openTaskPull = async (
  { store, github }: Pick<WorkerDeps, "store" | "github">,
  { repo, mirror, state, head, key, acceptedBy }: BranchToReview,
  signal: AbortSignal,
): Promise<OpenedPull> => {
  const [log, credential, base] = await Promise.all([
    readLog(store, { team: state.team, task: state.id }),
    store.credential(repo.team, repo.name),
    targetOf(mirror, repo, state, signal),
  ])
  const receipt = receiptOf(state, log, { head, acceptedBy })
  const title = state.title.slice(0, 250)
  return await openPull(github, { repo, credential, key, head: state.branch, base, title, receipt }, signal)
}

/** What began from another branch goes back to it. */
const targetOf = async (
  mirror: Mirror,
  { defaultBranch }: Repo,
  { baseRef }: TaskState,
  signal: AbortSignal,
): Promise<string> => {
  if (baseRef === null || baseRef === defaultBranch) return defaultBranch
  return (await branchTip(mirror, baseRef, signal)) === null ? defaultBranch : baseRef
}

/** The event of a pull request that the task has not told of yet. */
export const pullOpened = (
  { pullRequest }: TaskState,
  { url, number }: OpenedPull,
  { turn, at }: Pick<NewEvent, "turn" | "at">,
): NewEvent[] => (pullRequest?.url === url ? [] : [{ type: "pull_request.opened", url, number, turn, at }])
