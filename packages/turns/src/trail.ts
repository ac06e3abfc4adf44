import type { Saved, Workspace } from "@twolane/agent"
import type { Attempt } from "@twolane/store"
import { exportPack } from "@twolane/workspace"
import type { Ground } from "./ground.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** The checkpoints of one attempt. */
export type Trail = {
  /** The newest checkpoint, or the base. */
  current: () => string
  /** Saves the tree, and the pack with which any other worker can go on from it. */
  save(workspace: Workspace, signal: AbortSignal): Promise<Saved>
}

/** Starts an attempt's trail where its ground is. */
export const startTrail = (
  deps: Pick<WorkerDeps, "store">,
  attempt: Attempt,
  { mirror, base, checkpoint }: Pick<Ground, "mirror" | "base" | "checkpoint">,
): Trail => {
  let count = 0
  let current = checkpoint ?? base
  return {
    current: () => current,
    save: async (workspace, signal) => {
      count += 1
      const { saved, refused } = await workspace.checkpoint({ attempt: attempt.attempt, n: count }, signal)
      if (saved === null) return { saved, refused }
      current = saved.sha
      const pack = await exportPack(mirror, { base, sha: saved.sha }, signal)
      const portable =
        pack !== null &&
        (await attempt.insist(() => deps.store.savePack(attempt, attempt.attempt, saved.sha, pack)))
      return { saved: { ...saved, portable }, refused }
    },
  }
}
