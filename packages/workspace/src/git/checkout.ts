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
  call: Pick<GitCall, "command" | "args" | "env">,
  signal: AbortSignal,
): Promise<GitEnd> => {
  const folder = await mkdtemp(join(tmpdir(), "twolane-git-"))
  try {
    const env = { ...localEnv(), ...call.env, GIT_CONFIG_GLOBAL: await writeSafeDirectory(path, folder) }
    return await tryGit({ ...call, checkout: path, env, timeoutMs: 30_000, maxBytes: 1024 * 1024 }, signal)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whether a path source has uncommitted work, which stays behind; false for a bare repository and for every URL. */
export const isSourceDirty = async (source: Source, signal: AbortSignal): Promise<boolean> => {
  if (source.kind !== "path") return false
  const env = await withoutFilters(source.url, signal)
  if (env === null) return true
  const args = ["--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=all"]
  const end = await ask(source.url, { command: "status", args, env }, signal)
  return (end.code === 0 || end.capped) && end.stdout.length > 0
}

const mostFilterBytes = 64 * 1024

/**
 * Settings that switch off every filter that a checkout's own configuration names: git would run them to compare a file with what is
 * committed. What only a filter makes equal then counts as changed. Null for more of them than anybody has.
 */
const withoutFilters = async (path: string, signal: AbortSignal): Promise<Record<string, string> | null> => {
  const args = ["--null", "--name-only", "--get-regexp", "^filter\\."]
  const { stdout } = await ask(path, { command: "config", args }, signal)
  if (stdout.length > mostFilterBytes) return null
  const drivers = stdout
    .toString("utf8")
    .split("\0")
    .filter(name => name !== "")
    .map(name => name.slice(0, name.lastIndexOf(".")))
  // An empty process hides the others; what is required and missing would end the call. By variables: a driver's name may have a "=".
  const settings = [...new Set(drivers)].flatMap(driver => [
    [`${driver}.process`, ""],
    [`${driver}.required`, "false"],
  ])
  const variables = settings.flatMap(([key = "", value = ""], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ])
  return { ...Object.fromEntries(variables), GIT_CONFIG_COUNT: String(settings.length) }
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
