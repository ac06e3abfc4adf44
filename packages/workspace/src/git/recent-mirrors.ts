import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { mirrorDir } from "./mirror.ts"
import { readState } from "./mirror-files.ts"

/** The repos of a data folder whose mirrors were fetched since a time (epoch ms), the newest first. */
export const recentMirrors = async (
  dataDir: string,
  since: number,
): Promise<{ team: string; repo: string }[]> => {
  const all = join(dataDir, "mirrors")
  const found: { team: string; repo: string; fetchedAt: number }[] = []
  for (const team of await readdir(all).catch(() => []))
    for (const name of await readdir(join(all, team)).catch(() => [])) {
      const repo = /^(.+)\.git$/.exec(name)?.[1]
      const state = repo === undefined ? null : await readState(mirrorDir(dataDir, team, repo))
      if (repo !== undefined && state !== null && state.fetchedAt >= since)
        found.push({ team, repo, fetchedAt: state.fetchedAt })
    }
  return found.sort((one, other) => other.fetchedAt - one.fetchedAt).map(({ team, repo }) => ({ team, repo }))
}
