import { neverAborted } from "@twolane/common"
import type { FileChange } from "@twolane/protocol"
import { diffTrees, listTree, type Mirror } from "@twolane/workspace"

/** A file of a tree. */
export type TreeFile = { path: string; bytes: number }

/** What a task's change is measured from, and the commit that it is at. */
export type Span = { from: string; current: string }

/** What is known of commits. It never changes, so the last few answers are kept: each takes a git process or two. */
export type KnownTrees = {
  files(mirror: Mirror, commit: string, signal: AbortSignal): Promise<readonly TreeFile[]>
  /** What changed between two commits. */
  changes(mirror: Mirror, span: Span, signal: AbortSignal): Promise<readonly FileChange[]>
  /** Reads, beside everything else, what a turn that begins at `current` will ask for. */
  readAhead(mirror: Mirror, span: Span): void
}

const mostKept = 32

/** Knows nothing yet. */
export const keepTrees = (): KnownTrees => {
  const files = keepLast<readonly TreeFile[]>()
  const changes = keepLast<readonly FileChange[]>()
  const known: KnownTrees = {
    files: (mirror, commit, signal) =>
      files(`${mirror.dir} ${commit}`, async () => {
        const listed = await listTree(mirror, commit, null, signal)
        return listed.map(({ path, size }) => ({ path, bytes: size }))
      }),
    changes: (mirror, { from, current }, signal) =>
      changes(
        `${mirror.dir} ${from} ${current}`,
        async () => (await diffTrees(mirror, from, current, signal)).changes,
      ),
    readAhead: (mirror, span) => {
      const signal = neverAborted()
      const reading = [known.files(mirror, span.current, signal), known.changes(mirror, span, signal)]
      for (const each of reading) each.catch(() => undefined) // the turn itself finds out
    },
  }
  return known
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
