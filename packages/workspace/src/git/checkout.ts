/** Questions to a person's own checkout that serves as a path source. It is trusted; an agent never wrote there. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { writeSafeDirectory } from "./credential.ts"
import { type GitCall, type GitEnd, tryGit } from "./git.ts"
import { localEnv } from "./settings.ts"
import type { Source } from "./source.ts"

const ask = async (
  path: string,
  call: Pick<GitCall, "command" | "args">,
  signal: AbortSignal,
): Promise<GitEnd> => {
  const folder = await mkdtemp(join(tmpdir(), "twolane-git-"))
  try {
    const env = { ...localEnv(), GIT_CONFIG_GLOBAL: await writeSafeDirectory(path, folder) }
    return await tryGit({ ...call, checkout: path, env, timeoutMs: 30_000, maxBytes: 1024 * 1024 }, signal)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whether a path source has uncommitted work, which stays behind; false for a bare repository and for every URL. */
export const isSourceDirty = async (source: Source, signal: AbortSignal): Promise<boolean> => {
  if (source.kind !== "path") return false
  const args = ["--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=all"]
  const end = await ask(source.url, { command: "status", args }, signal)
  return (end.code === 0 || end.capped) && end.stdout.length > 0
}

/** Whether a path source, or one of its linked worktrees, has a branch checked out: a push there would pull the ground away. */
export const isCheckedOut = async (source: Source, branch: string, signal: AbortSignal): Promise<boolean> => {
  if (source.kind !== "path") return false
  const end = await ask(source.url, { command: "worktree", args: ["list", "--porcelain", "-z"] }, signal)
  if (end.code !== 0) return false
  const records = end.stdout.toString("utf8").split("\0\0")
  return records.some(record => {
    const fields = record.split("\0")
    return fields.includes(`branch refs/heads/${branch}`) && !fields.includes("bare")
  })
}
