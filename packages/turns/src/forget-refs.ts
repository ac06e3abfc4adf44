import type { Logger } from "@twolane/common"
import type { Store } from "@twolane/store"
import { dropRefs, refsOfTasks } from "@twolane/workspace"

/** What is needed to look after a data folder's refs. */
export type RefKeeping = { store: Pick<Store, "archive" | "readMany">; dataDir: string; log: Logger }

const tasksPerRead = 200

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
    const tasks = ofRepo.map(({ task }) => task)
    const gone: string[] = []
    for (let at = 0; at < tasks.length; at += tasksPerRead) {
      const some = tasks.slice(at, at + tasksPerRead)
      const there = await store.readMany(team, some)
      gone.push(...some.filter((_, index) => there[index] === null))
    }
    const found = await refsOfTasks(dataDir, { team, repo }, signal)
    const refs = gone.flatMap(task => found.get(task) ?? [])
    await dropRefs(dataDir, { team, repo }, refs, signal)
    if (refs.length > 0) log.info({ team, repo, refs: refs.length }, "the refs of deleted tasks were removed")
  }
  for (const { team, mark } of dropped) after.set(team, mark)
}
