import type { Store, TaskRef } from "@twolane/store"
import { checkpointRef, hasCommit, importPack, type Mirror } from "@twolane/workspace"

/** A commit of a task that is wanted in a mirror which has the base. */
export type WantedCommit = TaskRef & { attempt: number; base: string; commit: string }

/**
 * Brings a commit of a task that was made on another machine, with the pack that came through Redis; false when that does not have it.
 * The pack is of the newest checkpoint, and has what a person may go back to.
 */
export const bringCommit = async (
  store: Pick<Store, "pack">,
  mirror: Mirror,
  { team, task, attempt, base, commit }: WantedCommit,
  signal: AbortSignal,
): Promise<boolean> => {
  if (await hasCommit(mirror, commit, signal)) return true
  const kept = await store.pack({ team, task })
  if (kept === null) return false
  const ref = checkpointRef(task, attempt, 0)
  await importPack(mirror, { pack: kept.pack, base, sha: kept.checkpoint, ref }, signal)
  return kept.checkpoint === commit || (await hasCommit(mirror, commit, signal))
}
