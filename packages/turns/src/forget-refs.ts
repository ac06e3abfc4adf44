import type { Logger } from "@twolane/common"
import type { Store } from "@twolane/store"
import { dropTaskRefs } from "./drop-task-refs.ts"

/** What is needed to look after a data folder's refs. */
export type RefKeeping = { store: Pick<Store, "archive" | "readMany">; dataDir: string; log: Logger }

/**
 * Takes the branches and checkpoints of tasks that were deleted by policy out of this data folder's mirrors. Only what the store wrote down
 * as deleted goes, and only while it has no such task: what it does not know of (a Redis that was lost, or brought back from a
 * backup) may be the only trace of somebody's work. `after` has each team's newest mark that was seen to, and is brought forward.
 */
export const forgetRefs = async (
  { store, dataDir, log }: RefKeeping,
  after: Map<string, number>,
  signal: AbortSignal,
): Promise<void> => {
  const dropped = await store.archive.dropped(after)
  for (const ofRepo of Map.groupBy(dropped, ({ team, repo }) => `${team}/${repo}`).values()) {
    const [{ team, repo } = { team: "", repo: "" }] = ofRepo
    const tasks = new Set(ofRepo.map(({ task }) => task))
    const read = (some: readonly string[]) => store.readMany(team, some)
    const which = { among: (task: string) => tasks.has(task), isGone: (state: unknown) => state === null }
    const gone = await dropTaskRefs({ dataDir, read }, { team, repo }, which, signal)
    if (gone > 0) log.info({ team, repo, tasks: gone }, "the refs of deleted tasks were removed")
  }
  for (const { team, mark } of dropped) after.set(team, mark)
}
