import type { FileSource } from "@twolane/agent"
import { neverAborted } from "@twolane/common"
import type { FileChange } from "@twolane/protocol"
import { diffTrees, listTree, type Mirror } from "@twolane/workspace"

/** What a task's change is measured from, and the commit that it is at. */
export type Span = { from: string; current: string }

/** What is known of commits. It never changes, so the last few answers are kept: each takes a git process or two. */
export type KnownTrees = {
  /** The files of a commit. */
  source(mirror: Mirror, commit: string): FileSource
  /** What changed between two commits. */
  changes(mirror: Mirror, span: Span, signal: AbortSignal): Promise<readonly FileChange[]>
  /** Reads, beside everything else, what a turn that begins at `current` will ask for. */
  readAhead(mirror: Mirror, span: Span): void
}

const mostKept = 32
/** A larger file is none that a prompt could show. */
const maxFileBytes = 256 * 1024

/** Knows nothing yet. */
export const keepTrees = (): KnownTrees => {
  const trees = keepLast<Tree>()
  const changes = keepLast<readonly FileChange[]>()
  const treeOf = (mirror: Mirror, commit: string, signal: AbortSignal) =>
    trees(`${mirror.dir} ${commit}`, () => readTree(mirror, commit, signal))
  const known: KnownTrees = {
    source: (mirror, commit) => ({
      list: async signal => (await treeOf(mirror, commit, signal)).files,
      read: async (path, signal) => {
        const sha = (await treeOf(mirror, commit, signal)).shas.get(path)
        if (sha === undefined) return null
        return (await mirror.objects.read(sha, maxFileBytes, signal))?.bytes.toString("utf8") ?? null
      },
    }),
    changes: (mirror, { from, current }, signal) =>
      changes(
        `${mirror.dir} ${from} ${current}`,
        async () => (await diffTrees(mirror, from, current, signal)).changes,
      ),
    readAhead: (mirror, span) => {
      const signal = neverAborted()
      const reading = [treeOf(mirror, span.current, signal), known.changes(mirror, span, signal)]
      for (const each of reading) each.catch(() => undefined) // the turn itself finds out
    },
  }
  return known
}

/** A commit's files, and the object of each one that is a regular file. */
type Tree = { files: readonly { path: string; bytes: number }[]; shas: ReadonlyMap<string, string> }

const readTree = async (mirror: Mirror, commit: string, signal: AbortSignal): Promise<Tree> => {
  const listed = await listTree(mirror, commit, null, signal)
  const regular = listed.filter(({ mode }) => mode === "100644" || mode === "100755")
  return {
    files: listed.map(({ path, size }) => ({ path, bytes: size })),
    shas: new Map(regular.map(({ path, sha }) => [path, sha])),
  }
}

const keepLast = <Value>() => {
  const kept = new Map<string, Value>()
  return async (key: string, read: () => Promise<Value>): Promise<Value> => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const value = await read()
    const [oldest] = kept.keys()
    if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest)
    kept.set(key, value)
    return value
  }
}
