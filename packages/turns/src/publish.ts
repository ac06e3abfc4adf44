import { Postponed, retry } from "@twolane/common"
import { isFault, type NewEvent } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { pushBranch } from "@twolane/workspace"
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
  const { branch, pushed } = attempt.state()
  try {
    await pushBranch(mirror, { branch, sha: head, expected: pushed }, signal)
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
    if (!isFault(error) && !(error instanceof Postponed)) throw error
    return { code: "publish-failed", detail: error.message }
  }
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
