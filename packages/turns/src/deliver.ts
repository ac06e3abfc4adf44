import type { OpenedPull } from "@twolane/github"
import {
  type FaultCode,
  headToReview,
  isFault,
  leftAt,
  type NewEvent,
  type Repo,
  type TaskState,
} from "@twolane/protocol"
import type { Effect, EffectResult, Store, TaskRef } from "@twolane/store"
import {
  fetchMirror,
  hasCommit,
  type Mirror,
  mergeChange,
  pushBranch,
  readRepoFile,
} from "@twolane/workspace"
import { authorOf } from "./author.ts"
import { bringCommit } from "./bring-commit.ts"
import { openTaskPull, pullOpened } from "./pull-request.ts"
import { type ChangeReady, takeWork } from "./take-work.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/**
 * Does an accepted change's effect at the source, and writes `task.reviewed`. It may run again after a crash at any point: a review that
 * is written is the answer, a push of the same commit is no push, and a merge that the source has is not made twice.
 */
export const deliver = async (
  deps: WorkerDeps,
  ref: TaskRef,
  state: TaskState,
  effect: Effect,
  signal: AbortSignal,
): Promise<EffectResult> => {
  if (state.review === "accepted") return { ok: true, value: {} }
  if (state.review === "discarded" || headToReview(state) !== effect.head)
    return refused("conflict", "the task changed after it was accepted")
  const repo = await deps.store.repo(state.team, state.repo)
  if (repo === null) return refused("not-found", `the repo ${state.repo} was removed`)
  try {
    const mirror = await deps.mirrors.open(repo, repo.defaultBranch, signal)
    if (!(await bringHead(deps.store, mirror, state, effect.head, signal)))
      return refused("conflict", "the change is on a worker that is gone")
    const change = await takeWork({ store: deps.store, mirror }, state, effect.head, signal)
    const delivery = { deps, mirror, repo, state, effect, head: change?.head ?? effect.head }
    const pushed = await deliverTo(delivery, signal)
    await record(delivery, ref, { pushed, change })
    return { ok: true, value: pushed }
  } catch (error) {
    signal.throwIfAborted()
    // Whether it was done is not written down then: no answer, but a reason to look again.
    if (!isFault(error) || error.code === "store-unavailable") throw error
    return {
      ok: false,
      code: error.code,
      detail: error.message,
      ...(error.extra ? { extra: error.extra } : {}),
    }
  }
}

const refused = (code: FaultCode, detail: string): EffectResult => ({ ok: false, code, detail })

/** The head may have been committed on another machine; its pack then came through Redis. */
const bringHead = async (
  store: Store,
  mirror: Mirror,
  state: TaskState,
  head: string,
  signal: AbortSignal,
) => {
  const { team, id: task, attempt, base } = state
  if (await hasCommit(mirror, head, signal)) return true
  if (base === null) return false
  await fetchMirror(mirror, Date.now(), signal)
  return await bringCommit(store, mirror, { team, task, attempt, base, commit: head }, signal)
}

/** `head` is the commit that goes to the source. */
type Delivery = {
  deps: WorkerDeps
  mirror: Mirror
  repo: Repo
  state: TaskState
  effect: Effect
  head: string
}
type Pushed = { branch: string; head: string; pull?: OpenedPull }

const deliverTo = async (delivery: Delivery, signal: AbortSignal): Promise<Pushed> => {
  const { deps, mirror, repo, state, effect, head } = delivery
  if (effect.how !== "merge") {
    const { branch } = state
    await pushBranch(mirror, { branch, sha: head, expected: leftAt(state) }, signal)
    if (effect.how === "push") return { branch, head }
    const key = effect.op
    const pull = await openTaskPull(
      deps,
      { repo, mirror, state, head, key, acceptedBy: effect.by.name },
      signal,
    )
    return { branch, head, pull }
  }
  await fetchMirror(mirror, Date.now(), signal)
  const author = authorOf(effect.by)
  const wanted = { task: state.id, head, defaultBranch: repo.defaultBranch, author }
  const merge = await mergeChange(mirror, wanted, signal)
  if (merge.sha !== merge.tip) {
    if (!merge.fastForward) await testMerge(delivery, merge.sha, signal)
    await pushBranch(mirror, { branch: repo.defaultBranch, sha: merge.sha, expected: [merge.tip] }, signal)
  }
  return { branch: repo.defaultBranch, head: merge.sha }
}

/** The tip is not the base any more: what was green apart may be red together. Raises `tests-red`. */
const testMerge = async (
  { deps, mirror, state }: Delivery,
  merged: string,
  signal: AbortSignal,
): Promise<void> => {
  const base = state.base ?? merged
  const file = await readRepoFile(mirror, base, signal)
  await deps.house.testCommit({ mirror, base, commit: merged, task: state.id, file, secrets: {} }, signal)
}

const record = async (
  { deps, repo, effect }: Delivery,
  ref: TaskRef,
  { pushed: { pull, ...pushed }, change }: { pushed: Pushed; change: ChangeReady | null },
): Promise<void> => {
  const { key, name } = effect.by
  await deps.store.change({
    ...ref,
    decide: (state, at): NewEvent[] =>
      state.review === "accepted"
        ? []
        : [
            ...(change === null ? [] : [{ ...change, at }]),
            { type: "branch.pushed", remote: repo.source, ...pushed, turn: null, at },
            ...(pull === undefined ? [] : pullOpened(state, pull, { turn: null, at })),
            {
              type: "task.reviewed",
              decision: "accepted",
              by: { key, name },
              how: effect.how,
              turn: null,
              at,
            },
          ],
  })
}
