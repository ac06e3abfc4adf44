import { runGit, tryGit } from "./git.ts"
import type { Mirror } from "./mirror.ts"
import { asSha } from "./refs.ts"
import { type PathChange, treeChange } from "./tree-change.ts"
import { symlinkProblem, treePathProblem } from "./tree-paths.ts"
import type { RefusedEdit } from "./trees.ts"

/** The most that one task's checkpoint may weigh on its way to another machine (design, D7). */
export const maxPackBytes = 32 * 1024 * 1024

/** Everything of a checkpoint that its base does not have, as one pack; null when it is larger than `maxBytes`. */
export const exportPack = async (
  mirror: Mirror,
  wanted: {
    base: string
    sha: string
    /** More commits that go along. */
    also?: readonly string[]
    maxBytes?: number
  },
  signal: AbortSignal,
): Promise<Buffer | null> => {
  const maxBytes = wanted.maxBytes ?? maxPackBytes
  const end = await tryGit(
    {
      command: "pack-objects",
      gitDir: mirror.dir,
      args: ["--revs", "--thin", "--stdout", "--delta-base-offset", "--quiet"],
      input: `${[wanted.sha, ...(wanted.also ?? [])].map(asSha).join("\n")}\n^${asSha(wanted.base)}\n`,
      // One more, so that a pack of just the limit is not taken for a cut one.
      maxBytes: maxBytes + 1,
    },
    signal,
  )
  if (end.capped || end.stdout.length > maxBytes) return null
  if (end.code !== 0) throw new Error(`the checkpoint cannot be packed: ${end.stderr.slice(-500)}`)
  return end.stdout
}

/**
 * Takes in a checkpoint's pack from another machine: every object is checked, the checkpoint must stand on its base, and
 * its tree is judged as our own are. The base must be here. Throws when the pack is not sound.
 */
export const importPack = async (
  mirror: Mirror,
  wanted: { pack: Uint8Array; base: string; sha: string; ref: string },
  signal: AbortSignal,
): Promise<void> => {
  if (wanted.pack.length > maxPackBytes) throw new Error("the checkpoint's pack is larger than 32 MiB")
  const gitDir = mirror.dir
  await runGit(
    { command: "index-pack", gitDir, args: ["--stdin", "--fix-thin", "--strict"], input: wanted.pack },
    signal,
  )
  const args = ["--is-ancestor", asSha(wanted.base), asSha(wanted.sha)]
  const standing = await tryGit({ command: "merge-base", gitDir, args }, signal)
  if (standing.code !== 0) throw new Error("the checkpoint of the pack does not stand on its base")
  const [refused] = await judgeChange(mirror, wanted.base, wanted.sha, signal)
  if (refused) throw new Error(`the checkpoint of the pack holds ${refused.path}: ${refused.reason}`)
  await mirror.objects.setRef({ ref: wanted.ref, to: wanted.sha }, signal)
}

/** What in the change between two commits no tree of ours would hold. Where links lead is for the guardrails to judge. */
export const judgeChange = async (
  mirror: Mirror,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<RefusedEdit[]> => refusedIn(await treeChange(mirror, from, to, signal))

/** As `judgeChange`, of a change that was read already. */
export const refusedIn = (changes: readonly PathChange[]): RefusedEdit[] =>
  changes.flatMap(({ path, newMode }) => {
    if (newMode === "000000") return []
    const reason = treePathProblem(path) ?? (newMode === "120000" ? symlinkProblem(path) : null)
    return reason === null ? [] : [{ path, reason }]
  })
