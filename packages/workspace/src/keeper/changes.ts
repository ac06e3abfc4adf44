import { closeSync, copyFileSync, fstatSync } from "node:fs"
import { join } from "node:path"
import { treePathProblem } from "../git/tree-paths.ts"
import { gitFailed, type OurGit } from "./our-git.ts"
import type { Change, StagedChange, StageInput } from "./protocol.ts"
import { linkTarget, lookAt, openRegular, type Place, type Tree, WayBlocked } from "./tree.ts"

const status = "git status --porcelain=v1 -z --untracked-files=all --ignore-submodules=all"
const statusMaxBytes = 64 * 1024 ** 2

/** The paths that git finds changed against the checked-out commit. Ignored ones are no part of a change. */
export const statusPaths = async (git: OurGit, signal: AbortSignal): Promise<string[]> => {
  const answer = await git(status, { timeoutMs: 300_000, maxBytes: statusMaxBytes }, signal)
  if (!answer.ok) throw gitFailed("status", answer.complaint)
  if (answer.truncated) throw new Error("git status lists more changes than can be taken")
  return answer.text
    .split("\0")
    .filter(Boolean)
    .map(entry => entry.slice(3))
}

/** What lies at a path now, judged without following any link. */
export const lookAtChange = (tree: Tree, path: string): Change => {
  const refused = (reason: string): Change => ({ path, kind: "refused", reason })
  if (path.includes("\uFFFD")) return refused("its name is not UTF-8")
  // git names a repository inside the tree by its folder.
  const name = path.replace(/\/$/, "")
  const problem = treePathProblem(name)
  if (problem !== null) return refused(problem)
  try {
    const kind = name === path ? kindOf : nestedOr
    return tree.inFolderOf(name, place => kind(name, place)) ?? { path: name, kind: "absent" }
  } catch (error) {
    // The tracked files below a folder that became a link or a file are gone; the link is a change of its own.
    if (error instanceof WayBlocked) return { path, kind: "absent" }
    throw error
  }
}

/** A folder that was a repository of its own when git was asked; files of one that is none any more are listed by themselves. */
const nestedOr = (path: string, { at }: Place): Change => {
  const isRepository = lookAt(at)?.isDirectory() === true && lookAt(join(at, ".git")) !== null
  return isRepository
    ? { path: `${path}/`, kind: "refused", reason: "it is a nested repository" }
    : { path, kind: "absent" }
}

const kindOf = (path: string, { at }: Place): Change => {
  const found = lookAt(at)
  if (found === null) return { path, kind: "absent" }
  if (found.isFile()) return { path, kind: "file", executable: (found.mode & 0o100) !== 0, bytes: found.size }
  if (found.isSymbolicLink()) {
    const target = linkTarget(at)
    return target === null ? restless(path) : { path, kind: "symlink", target }
  }
  // A folder where a tracked file was: what is in it is listed by itself.
  if (found.isDirectory()) return { path, kind: "absent" }
  return { path, kind: "refused", reason: "it is a socket, a pipe or a device" }
}

const restless = (path: string): Change & { kind: "refused" } => ({
  path,
  kind: "refused",
  reason: "it changed while it was looked at",
})

/**
 * Copies the bytes of the paths as they are now into a folder of the service, no link followed.
 */
export const stageChanges = (tree: Tree, { paths, into, maxBytes }: StageInput): StagedChange[] => {
  let left = maxBytes
  return paths.map((path, index) => {
    const change = lookAtChange(tree, path)
    if (change.kind !== "file") return change
    const copy = join(into, `${index}`)
    const staged = tree.inFolderOf(path, ({ at }): StagedChange | null => {
      const fd = openRegular(at)
      if (fd === null) return restless(path)
      try {
        const { size, mode } = fstatSync(fd)
        if (size > left)
          return { path, kind: "refused", reason: `the change is larger than ${maxBytes} bytes` }
        left -= size
        copyFileSync(process.platform === "linux" ? `/proc/self/fd/${fd}` : at, copy)
        return { path, kind: "file", executable: (mode & 0o100) !== 0, bytes: size, copy }
      } finally {
        closeSync(fd)
      }
    })
    return staged ?? { path, kind: "absent" }
  })
}
