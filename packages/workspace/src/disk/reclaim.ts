import { rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { runGit } from "../git/git.ts"
import { lockMirror, mirrorDir } from "../git/mirror.ts"

const packWithinMs = 1_800_000

/**
 * Packs a mirror anew. Nothing that any ref, worktree or reader needs is lost, and what nothing points at is kept as well: loose. So it
 * is safe beside turns at work.
 */
export const repackMirror = async (
  dataDir: string,
  { team, repo }: { team: string; repo: string },
  signal: AbortSignal,
): Promise<void> => {
  const gitDir = mirrorDir(dataDir, team, repo)
  if ((await stat(gitDir).catch(() => null)) === null) return
  await using _ = await lockMirror(gitDir, signal)
  const timeoutMs = packWithinMs
  await runGit({ command: "repack", gitDir, args: ["-A", "-d", "-l", "-q"], timeoutMs }, signal)
  await runGit({ command: "prune-packed", gitDir, args: ["-q"], timeoutMs }, signal)
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
