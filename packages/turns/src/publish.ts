import { Postponed, retry } from "@twolane/common"
import { isFault, leftAt, type NewEvent } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { branchTip, fetchMirror, pushBranch, readRepoFile } from "@twolane/workspace"
import { refuseCanceled, type TurnFailure } from "./leave-turn.ts"
import { openTaskPull, pullOpened } from "./pull-request.ts"
import type { Room } from "./room.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** A turn waits so long for GitHub to be there again; then its work stays, to be accepted later. */
const patienceMs = 300_000

/** What of a turn's commit goes out: its branch, and a pull request of it if that was asked for. */
export type Publication = { head: string; pullRequest: boolean }

/**
 * Pushes a turn's commit, and opens its pull request, once however often it is tried: the same commit again is no push, nobody else's
 * commit is ever gone over, and the branch has one pull request. Answers why it could not.
 */
export const publish = async (
  deps: WorkerDeps,
  attempt: Attempt,
  room: Room,
  { head, pullRequest }: Publication,
  signal: AbortSignal,
): Promise<TurnFailure | null> => {
  const { mirror, repo } = room
  const { turn } = attempt
  const { branch } = attempt.state()
  try {
    // A pull request asks for a review.
    if (!pullRequest && (await asksAnother(room, signal))) return unapproved
    await pushBranch(mirror, { branch, sha: head, expected: leftAt(attempt.state()) }, signal)
    await attempt.write((_state, at): NewEvent[] => [
      { type: "branch.pushed", remote: repo.source, branch, head, turn, at },
    ])
    if (!pullRequest) return null
    const open = async () => {
      refuseCanceled(attempt.state(), turn)
      return await openTaskPull(deps, { repo, mirror, state: attempt.state(), head, key: turn }, signal)
    }
    const pull = await patiently(open, signal)
    await attempt.write((state, at) => pullOpened(state, pull, { turn, at }))
    return null
  } catch (error) {
    signal.throwIfAborted()
    // Redis was away: what was done is done, and another try finds it so.
    if (isFault(error, "store-unavailable")) throw error
    if (!isFault(error) && !(error instanceof Postponed)) throw error
    return { code: "publish-failed", detail: error.message }
  }
}

/** The rule is younger than the request, or the request was sent on. */
const unapproved: TurnFailure = {
  code: "publish-failed",
  detail: "twolane.yaml wants another person to accept it first (approvals.by)",
}

/** Whether the repo wants another person's approval: as of the turn's base, or of its default branch now. An old base is no way around it. */
const asksAnother = async ({ mirror, repo, base }: Room, signal: AbortSignal): Promise<boolean> => {
  await fetchMirror(mirror, Date.now(), signal)
  const tip = await branchTip(mirror, repo.defaultBranch, signal)
  const commits = tip === null ? [base] : [base, tip]
  const files = await Promise.all(commits.map(commit => readRepoFile(mirror, commit, signal)))
  return files.some(file => file?.approvals.by === "another")
}

const patiently = <Value>(act: () => Promise<Value>, signal: AbortSignal): Promise<Value> => {
  const until = performance.now() + patienceMs
  const policy = {
    attempts: Number.POSITIVE_INFINITY,
    baseMs: 1_000,
    maxMs: 30_000,
    retryable: (error: unknown) => error instanceof Postponed && performance.now() + error.afterMs < until,
    afterMs: (error: unknown) => (error instanceof Postponed ? error.afterMs : null),
  }
  return retry(policy, act, signal)
}
