import type { LoopEnd } from "@twolane/agent"
import { endTurn, isFault, type NewEvent, turnOf } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { diffTrees, exportPack, pushBranch } from "@twolane/workspace"
import { commitWork } from "./commit-work.ts"
import { failTurn, refuseCanceled } from "./leave-turn.ts"
import type { Room } from "./room.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** Delivers finished work: the commit on the task's branch, `change.ready`, the branch at the source if that was asked for, the end. */
export const finishTurn = async (
  deps: WorkerDeps,
  attempt: Attempt,
  room: Room,
  done: Extract<LoopEnd, { end: "done" }>,
  signal: AbortSignal,
): Promise<void> => {
  const { mirror, base } = room
  const at = { store: deps.store, mirror, base }
  // Nothing saved is the base's tree: a turn that began again from there takes back what the branch has, which only ever grows.
  const head = await commitWork(at, attempt.state(), done.checkpoint ?? base, signal)
  const { size } = await diffTrees(mirror, base, head, signal)
  // With the turn's checkpoints, so that any worker can go back to one.
  const also = done.checkpoint === null ? [] : [done.checkpoint]
  const pack = head === base ? null : await exportPack(mirror, { base, sha: head, also }, signal)
  const portable =
    pack !== null && (await attempt.insist(() => deps.store.savePack(attempt, attempt.attempt, head, pack)))
  await attempt.write((state, at): NewEvent[] => {
    refuseCanceled(state, attempt.turn)
    return [
      { type: "change.ready", branch: state.branch, base, head, ...size, portable, turn: attempt.turn, at },
    ]
  })
  if (turnOf(attempt.state(), attempt.turn)?.options.publish === "branch" && size.files > 0) {
    const failure = await publish(attempt, room, head, signal)
    if (failure !== null) return failTurn(deps, attempt, failure)
  }
  await attempt.write((state, at) => {
    refuseCanceled(state, attempt.turn)
    return endTurn(state, attempt.turn, { status: "succeeded" }, at)
  })
}

/** Pushes once however often it is tried: the same commit again is no push, and nobody else's commit is ever gone over. */
const publish = async (attempt: Attempt, { mirror, repo }: Room, head: string, signal: AbortSignal) => {
  const { branch, pushed } = attempt.state()
  try {
    await pushBranch(mirror, { branch, sha: head, expected: pushed }, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!isFault(error)) throw error
    return { code: "publish-failed" as const, detail: error.message }
  }
  await attempt.write((_state, at): NewEvent[] => [
    { type: "branch.pushed", remote: repo.source, branch, head, turn: attempt.turn, at },
  ])
  return null
}
