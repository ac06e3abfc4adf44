import { recentMirrors } from "@twolane/workspace"
import type { WorkerDeps } from "./worker-deps.ts"

/** A repo that was fetched within this time is likely to be asked for again. */
const recentMs = 3_600_000
/** So many repos at most: each has rooms made for it. */
const mostRepos = 4

/** A worker that starts has rooms made ready for the repos that were used last on its data folder: a restart costs nobody a cold start. */
export const expectRepos = async (
  { config, store, log, mirrors, house }: Pick<WorkerDeps, "config" | "store" | "log" | "mirrors" | "house">,
  signal: AbortSignal,
): Promise<void> => {
  const recent = await recentMirrors(config.dataDir, Date.now() - recentMs)
  // The one that was used last is to be the last to go.
  for (const { team, repo } of recent.slice(0, mostRepos).toReversed())
    try {
      const known = await store.repo(team, repo)
      if (known !== null && !signal.aborted)
        house.expect(await mirrors.open(known, known.defaultBranch, signal))
    } catch (error) {
      if (signal.aborted) return
      log.debug({ error, repo }, "no room is made ready for a repo that was used lately")
    }
}
