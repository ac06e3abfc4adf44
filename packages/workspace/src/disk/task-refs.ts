import { stat } from "node:fs/promises"
import { runGit } from "../git/git.ts"
import { lockMirror, mirrorDir } from "../git/mirror.ts"

const pattern = /^refs\/(?:twolane|heads\/twolane)\/(task_[0-9a-z]{26})(?:\/|$)/
const timeoutMs = 120_000

type RepoPath = { team: string; repo: string }

/** The refs of tasks in a mirror, checkpoints and branches, by task. */
export const refsOfTasks = async (
  dataDir: string,
  { team, repo }: RepoPath,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const gitDir = mirrorDir(dataDir, team, repo)
  const refs = new Map<string, string[]>()
  if ((await stat(gitDir).catch(() => null)) === null) return refs
  const args = ["--format=%(refname)", "refs/twolane/", "refs/heads/twolane/"]
  const listed = await runGit({ command: "for-each-ref", gitDir, args, timeoutMs }, signal)
  for (const ref of listed.toString("utf8").split("\n")) {
    const task = pattern.exec(ref)?.[1]
    if (task !== undefined) refs.set(task, [...(refs.get(task) ?? []), ref])
  }
  return refs
}

/** Takes refs of tasks away. What they alone held is kept until the mirror is packed anew. */
export const dropRefs = async (
  dataDir: string,
  { team, repo }: RepoPath,
  refs: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  if (refs.length === 0) return
  const gitDir = mirrorDir(dataDir, team, repo)
  await using _ = await lockMirror(gitDir, signal)
  const input = refs.map(ref => `delete ${ref}\n`).join("")
  await runGit({ command: "update-ref", gitDir, args: ["--stdin"], input, timeoutMs }, signal)
}
