import { matchesGlob } from "node:path"
import { runGit } from "./git.ts"
import type { Mirror } from "./mirror.ts"
import { asSha } from "./refs.ts"
import { pathBytes } from "./tree-paths.ts"
import { readTree } from "./trees.ts"

/** A path that a tree holds. */
export type TreeFile = { path: string; mode: string; sha: string; size: number }

/** Finds one path's entry in a commit by walking its folders, so that no character in the path means anything to git. */
export const findEntry = async (
  mirror: Mirror,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<{ mode: string; sha: string } | null> => {
  let found = { mode: "40000", sha: `${asSha(commit)}^{tree}` }
  for (const part of pathBytes(path).split("/")) {
    if (found.mode !== "40000") return null
    const entry = (await readTree(mirror.objects, found.sha, signal)).find(({ name }) => name === part)
    if (entry === undefined) return null
    found = entry
  }
  return found
}

/** A regular file's bytes at a commit; null when it is not there, is no regular file, or is larger than `maxBytes`. */
export const readBlob = async (
  mirror: Mirror,
  commit: string,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer | null> => {
  const entry = await findEntry(mirror, commit, path, signal)
  if (entry === null || (entry.mode !== "100644" && entry.mode !== "100755")) return null
  return (await mirror.objects.read(entry.sha, maxBytes, signal))?.bytes ?? null
}

/** The files of a commit (submodules left out), sorted as git sorts, all or those that a glob matches. */
export const listTree = async (
  mirror: Mirror,
  commit: string,
  glob: string | null,
  signal: AbortSignal,
): Promise<TreeFile[]> => {
  const args = ["-r", "-z", "--long", "--full-tree", asSha(commit)]
  const output = await runGit(
    { command: "ls-tree", gitDir: mirror.dir, args, maxBytes: 256 * 1024 * 1024 },
    signal,
  )
  const files: TreeFile[] = []
  for (const record of output.toString("utf8").split("\0")) {
    const [, mode, type, sha, size, path] = /^(\d+) (\w+) ([0-9a-f]+) +(-|\d+)\t(.*)$/s.exec(record) ?? []
    if (type !== "blob" || mode === undefined || sha === undefined || path === undefined) continue
    if (glob === null || matchesGlob(path, glob)) files.push({ path, mode, sha, size: Number(size) })
  }
  return files
}
