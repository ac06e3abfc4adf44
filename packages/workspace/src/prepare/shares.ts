import { execFile } from "node:child_process"
import { cp, lstat, mkdir, readdir, rename } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { writableIn } from "../jail/args.ts"
import type { Share } from "../jail/room.ts"

const maxDepth = 6

/**
 * The folders of a prepared tree that `share` names: a name alone (`node_modules`) wherever it lies, outermost only; a path
 * just there. Links are left alone.
 */
export const findShared = async (tree: string, share: readonly string[]): Promise<string[]> => {
  const found: string[] = []
  const names = new Set(share.filter(name => !name.includes("/")))
  for (const path of share.filter(name => name.includes("/")))
    if (await isFolder(join(tree, path))) found.push(path)
  const walk = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(tree, folder), { withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name === ".git") continue
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (names.has(entry.name)) found.push(path)
      else if (!found.includes(path) && depth < maxDepth) await walk(path, depth + 1)
    }
  }
  if (names.size > 0) await walk("", 0)
  return found.sort()
}

/** Takes the shared folders out of a prepared tree into `folder`, with the empty places that stay writable in them. */
export const takeShares = async (
  tree: string,
  share: readonly string[],
  folder: string,
): Promise<string[]> => {
  const paths = await findShared(tree, share)
  await mkdir(folder, { recursive: true })
  for (const [index, path] of paths.entries()) {
    const taken = join(folder, `${index}`)
    await rename(join(tree, path), taken)
    for (const name of writableIn(path)) await mkdir(join(taken, name), { recursive: true })
  }
  return paths
}

/** Gives a tree copies of its own of the shared folders: for a task that may change them, and where there is no jail. */
export const copyShares = async (
  tree: string,
  shares: readonly Share[],
  signal: AbortSignal,
): Promise<void> => {
  for (const share of shares) {
    const to = join(tree, share.path)
    await mkdir(dirname(to), { recursive: true })
    // A copy costs nothing where the file system can share blocks.
    await promisify(execFile)("cp", ["-a", "--reflink=auto", "-T", "--", share.from, to], { signal })
  }
}

/** Copies the untracked files that `include` names from a checkout into a tree; answers those that were there. */
export const copyIncluded = async (
  from: string,
  tree: string,
  include: readonly string[],
): Promise<string[]> => {
  const copied: string[] = []
  for (const path of include) {
    const found = await lstat(join(from, path)).catch(() => null)
    if (found === null || found.isSymbolicLink()) continue
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await cp(join(from, path), join(tree, path), {
      recursive: true,
      verbatimSymlinks: true,
      errorOnExist: false,
    })
    copied.push(path)
  }
  return copied
}

const isFolder = async (path: string): Promise<boolean> =>
  lstat(path).then(
    found => found.isDirectory(),
    () => false,
  )
