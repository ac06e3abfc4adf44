import { Fault, type FileChange, lastTurn, type TaskState } from "@twolane/protocol"
import type { Store } from "@twolane/store"
import {
  checkpointRef,
  diffTrees,
  ensureCommit,
  hasCommit,
  importPack,
  type Mirror,
} from "@twolane/workspace"

/** A difference to show. */
export type DiffWish = { store: Store; mirror: Mirror; state: TaskState; from: "base" | "turn" }

/**
 * The difference from the base, or from where the last turn began, to the newest checkpoint.
 * @throws Fault not-found when the change is on another machine and too large to travel
 */
export const diffOf = async (
  { store, mirror, state, from }: DiffWish,
  signal: AbortSignal,
): Promise<(FileChange & { patch: string })[]> => {
  const { base } = state
  const newest = state.checkpoint?.sha ?? state.head
  if (base === null || newest === undefined) return []
  const start = from === "base" ? base : (lastTurn(state)?.startCheckpoint ?? base)
  await ensureCommit(mirror, base, signal)
  for (const commit of new Set([newest, start])) {
    if (await hasCommit(mirror, commit, signal)) continue
    await takeIn({ store, mirror, state, base }, signal)
    if (!(await hasCommit(mirror, commit, signal)))
      throw new Fault("not-found", "The change is on the machine of its worker, and too large to travel.")
  }
  return (await diffTrees(mirror, start, newest, signal)).files
}

type TakeIn = { store: Store; mirror: Mirror; state: TaskState; base: string }

/** Takes the newest checkpoint's pack into the mirror, when a worker of another machine made it. */
const takeIn = async ({ store, mirror, state, base }: TakeIn, signal: AbortSignal): Promise<void> => {
  const found = await store.pack({ team: state.team, task: state.id })
  if (found === null) return
  const ref = checkpointRef(state.id, state.attempt, 0)
  await importPack(mirror, { pack: found.pack, base, sha: found.checkpoint, ref }, signal)
}
