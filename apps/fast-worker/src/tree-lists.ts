import { listTree, type Mirror } from "@twolane/workspace"

/** A file of a tree. */
export type TreeFile = { path: string; bytes: number }

/** The files of commits; a commit's list never changes, so the last few are kept. */
export type TreeLists = {
  of(mirror: Mirror, commit: string, signal: AbortSignal): Promise<readonly TreeFile[]>
}

const mostKept = 16

/** Keeps lists of files. */
export const keepTreeLists = (): TreeLists => {
  const kept = new Map<string, readonly TreeFile[]>()
  return {
    of: async (mirror, commit, signal) => {
      const key = `${mirror.dir} ${commit}`
      const known = kept.get(key)
      if (known !== undefined) return known
      const files = (await listTree(mirror, commit, null, signal)).map(({ path, size }) => ({
        path,
        bytes: size,
      }))
      const [oldest] = kept.keys()
      if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest)
      kept.set(key, files)
      return files
    },
  }
}
