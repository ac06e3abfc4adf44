import { type ChangeSize, Fault, type FileChange, lastTurn, type TaskState } from "@twolane/protocol"
import type { Store } from "@twolane/store"
import {
  checkpointRef,
  diffTrees,
  ensureCommit,
  hasCommit,
  importPack,
  type Mirror,
} from "@twolane/workspace"

/** A task's trees, and where they are looked for. */
export type DiffWish = { store: Store; mirror: Mirror; state: TaskState }

/**
 * The difference from the base, or from where the last turn began, to the newest checkpoint.
 * @throws Fault not-found when the change is on another machine and too large to travel
 */
export const diffOf = async (
  { store, mirror, state, from }: DiffWish & { from: "base" | "turn" },
  signal: AbortSignal,
): Promise<(FileChange & { patch: string })[]> => {
  const { base } = state
  const newest = state.checkpoint?.sha ?? state.head
  if (base === null || newest === undefined) return []
  const start = from === "base" ? base : (lastTurn(state)?.startCheckpoint ?? base)
  await bringIn({ store, mirror, state, base }, [newest, start], signal)
  return (await diffTrees(mirror, start, newest, signal)).files
}

/** What going back changes, and the whole change that is left then. */
export type StepDiff = { files: FileChange[]; diff: string; whole: ChangeSize }

/**
 * The difference from the newest checkpoint back to an earlier one, or to the base, which is null.
 * @throws Fault not-found when that one is on another machine
 */
export const stepDiffOf = async (
  { store, mirror, state, to }: DiffWish & { to: string | null },
  signal: AbortSignal,
): Promise<StepDiff> => {
  const { base, checkpoint } = state
  if (base === null || checkpoint === null) throw new Error(`${state.id} has nothing to go back from`)
  const target = to ?? base
  await bringIn({ store, mirror, state, base }, [checkpoint.sha, target], signal)
  const [step, whole] = await Promise.all([
    diffTrees(mirror, checkpoint.sha, target, signal),
    diffTrees(mirror, base, target, signal),
  ])
  return { files: step.changes, diff: step.text, whole: whole.size }
}

type BringIn = DiffWish & { base: string }

const bringIn = async (wish: BringIn, commits: readonly string[], signal: AbortSignal): Promise<void> => {
  const { mirror, base } = wish
  if (!(await ensureCommit(mirror, base, signal)))
    throw new Fault("base-not-found", "The source does not give the task's base any more.")
  for (const commit of new Set(commits)) {
    if (await hasCommit(mirror, commit, signal)) continue
    await takeIn(wish, signal)
    if (!(await hasCommit(mirror, commit, signal)))
      throw new Fault("not-found", "The change is on the machine of its worker, and too large to travel.")
  }
}

/** Takes the newest checkpoint's pack into the mirror, when a worker of another machine made it. */
const takeIn = async ({ store, mirror, state, base }: BringIn, signal: AbortSignal): Promise<void> => {
  const found = await store.pack({ team: state.team, task: state.id })
  if (found === null) return
  const ref = checkpointRef(state.id, state.attempt, 0)
  await importPack(mirror, { pack: found.pack, base, sha: found.checkpoint, ref }, signal)
}
