import type { LoopEnd } from "@twolane/agent"
import { endTurn, type NewEvent, turnOf } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { diffTrees, exportPack } from "@twolane/workspace"
import { commitWork } from "./commit-work.ts"
import { failTurn, refuseCanceled } from "./leave-turn.ts"
import { publish } from "./publish.ts"
import type { Room } from "./room.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** Delivers finished work: the commit on the task's branch, `change.ready`, the branch at the source and its pull request if they were asked for, the end. */
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
  const wanted = turnOf(attempt.state(), attempt.turn)?.options.publish ?? "none"
  if (wanted !== "none" && size.files > 0) {
    const failure = await publish(
      deps,
      attempt,
      room,
      { head, pullRequest: wanted === "pull_request" },
      signal,
    )
    if (failure !== null) return failTurn(deps, attempt, failure)
  }
  await attempt.write((state, at) => {
    refuseCanceled(state, attempt.turn)
    return endTurn(state, attempt.turn, { status: "succeeded" }, at)
  })
}
