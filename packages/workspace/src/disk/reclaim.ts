import { rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { type GitCommand, runGit } from "../git/git.ts"
import { lockMirror, mirrorDir } from "../git/mirror.ts"

const packWithinMs = 1_800_000

/** Objects come before the ref that keeps them: what is younger may be about to get one. */
const settled = "1.hour.ago"

/**
 * Packs a mirror anew. Nothing that any ref, worktree or reader needs is lost. What nothing points at is kept as well, loose, so that it is
 * safe beside turns at work; where none is (`quiet`) it goes, unless it is younger than an hour.
 */
export const repackMirror = async (
  dataDir: string,
  { team, repo, quiet }: { team: string; repo: string; quiet: boolean },
  signal: AbortSignal,
): Promise<void> => {
  const gitDir = mirrorDir(dataDir, team, repo)
  if ((await stat(gitDir).catch(() => null)) === null) return
  await using _ = await lockMirror(gitDir, signal)
  const run = (command: GitCommand, ...args: string[]) =>
    runGit({ command, gitDir, args, timeoutMs: packWithinMs }, signal)
  await run("repack", "-A", "-d", "-l", "-q", ...(quiet ? [`--unpack-unreachable=${settled}`] : []))
  await run("prune-packed", "-q")
  if (quiet) await run("prune", `--expire=${settled}`)
}

/**
 * Takes away what setups of a repo left and downloaded: the next task runs the setup again. Whoever calls it knows that no workspace of
 * the repo is there; a turn that begins in this very moment finds its folder gone, and is tried again by itself.
 */
export const removePrepared = async (
  dataDir: string,
  { team, repo }: { team: string; repo: string },
): Promise<void> => {
  const folder = join(dataDir, "prepared", team, repo)
  if ((await stat(folder).catch(() => null)) === null) return
  // Moved at once, removed behind: nobody finds half of it.
  const gone = join(dataDir, "prepared", team, `${repo}.gone-${crypto.randomUUID()}`)
  await rename(folder, gone)
  await rm(gone, { recursive: true, force: true })
}
