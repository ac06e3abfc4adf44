import type { ChangeSize, FileChange } from "@twolane/protocol"
import { runGit, tryGit } from "./git.ts"
import type { Mirror } from "./mirror.ts"
import { asSha } from "./refs.ts"
import { parseRawNumstat, plainDiff, type RawEntry } from "./tree-change.ts"

/** A difference for people to read: renames followed, one patch a file. `text` is all patches together. */
export type Diff = {
  changes: FileChange[]
  /** The same with each file's patch; empty where it is left out. */
  files: (FileChange & { patch: string })[]
  text: string
  size: ChangeSize
  /** Patches were left out because the whole, or one of them, is too large to show. */
  truncated: boolean
}

/** How much of a difference is shown. */
export type DiffLimits = { maxBytes: number; maxFileBytes: number }

const defaultLimits: DiffLimits = { maxBytes: 2 * 1024 * 1024, maxFileBytes: 256 * 1024 }

/** Renames are looked for while both sides are small: the search is quadratic. */
const renames = ["--find-renames=50%", "-l200"]

/** The difference between two commits or trees. Binary files have no patch text beyond git's own line. */
export const diffTrees = async (
  mirror: Mirror,
  from: string,
  to: string,
  signal: AbortSignal,
  limits: DiffLimits = defaultLimits,
): Promise<Diff> => {
  const ends = [asSha(from), asSha(to), "--"]
  if (from === to)
    return { changes: [], files: [], text: "", size: { files: 0, added: 0, removed: 0 }, truncated: false }
  const gitDir = mirror.dir
  const counted = ["--raw", "--numstat", "-z"]
  const [listing, shown] = await Promise.all([
    runGit({ command: "diff-tree", gitDir, args: [...plainDiff, ...renames, ...counted, ...ends] }, signal),
    tryGit(
      {
        command: "diff-tree",
        gitDir,
        args: [...plainDiff, ...renames, "--patch", ...ends],
        maxBytes: limits.maxBytes,
      },
      signal,
    ),
  ])
  const { raw, counts } = parseRawNumstat(listing)
  const whole = !shown.capped && shown.code === 0
  const patches = assign(raw, splitPatches(shown.stdout.toString("utf8")), whole, limits.maxFileBytes)
  const changes = raw.map((entry, index) => changeOf(entry, counts[index] ?? noCount))
  return {
    changes,
    files: changes.map((change, index) => ({ ...change, patch: patches[index] ?? "" })),
    text: patches.join(""),
    size: sizeOf(changes),
    truncated: patches.some(patch => patch === "" || patch.endsWith(tooLarge)),
  }
}

/** The files that differ between two commits or trees: less than a third of the cost of `diffTrees`. */
export const changedFiles = async (
  mirror: Mirror,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<FileChange[]> => {
  if (from === to) return []
  const args = [...plainDiff, ...renames, "--raw", "--numstat", "-z", asSha(from), asSha(to), "--"]
  const { raw, counts } = parseRawNumstat(
    await runGit({ command: "diff-tree", gitDir: mirror.dir, args }, signal),
  )
  return raw.map((entry, index) => changeOf(entry, counts[index] ?? noCount))
}

const noCount = { added: 0, removed: 0, binary: false }

/** The size of a change in files and lines. */
export const sizeOf = (files: readonly FileChange[]): ChangeSize => ({
  files: files.length,
  added: files.reduce((sum, { added }) => sum + added, 0),
  removed: files.reduce((sum, { removed }) => sum + removed, 0),
})

const verbs: Readonly<Record<string, FileChange["change"]>> = {
  A: "added",
  C: "added",
  D: "deleted",
  R: "renamed",
}

const changeOf = (
  entry: RawEntry,
  { added, removed, binary }: { added: number; removed: number; binary: boolean },
): FileChange => ({
  path: entry.path,
  change: verbs[entry.status] ?? "modified",
  added,
  removed,
  ...(entry.from === undefined || entry.status !== "R" ? {} : { from: entry.from }),
  ...(binary ? { binary } : {}),
})

/**
 * Lines of a patch's body begin with a mark of their own, and git quotes line feeds in names: the split is exact. (Not
 * `^` with the flag `m`: that matches after a carriage return as well, which a file may hold.)
 */
const splitPatches = (text: string): string[] => (text === "" ? [] : text.split(/(?<=\n)(?=diff --git )/))

const tooLarge = "(too large to show)\n"

/** Gives each record its patch; a change of type has two (the old file goes, the new one comes). */
const assign = (
  raw: readonly RawEntry[],
  patches: readonly string[],
  whole: boolean,
  maxFileBytes: number,
): string[] => {
  let at = 0
  return raw.map(entry => {
    const count = entry.status === "T" ? 2 : 1
    const mine = patches.slice(at, at + count)
    at += count
    // The last piece of a text that was cut off is not whole.
    if (mine.length < count || (!whole && at >= patches.length)) return ""
    const patch = mine.join("")
    if (patch.length <= maxFileBytes) return patch
    return `${patch.slice(0, patch.indexOf("\n") + 1)}${tooLarge}`
  })
}
