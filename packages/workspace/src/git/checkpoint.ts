import type { ChangeSize, FileChange } from "@twolane/protocol"
import { commitText, twolane } from "./commit-text.ts"
import { changedFiles, diffTrees, sizeOf } from "./diff.ts"
import type { Mirror } from "./mirror.ts"
import type { Objects } from "./objects.ts"
import { asSha, checkpointRef } from "./refs.ts"
import { pathBytes, pathText, symlinkProblem, treePathProblem } from "./tree-paths.ts"
import { editTree, type RefusedEdit, type TreeEdit } from "./trees.ts"

/**
 * One path of the workspace that may have changed, as it is now. A file's bytes were copied to `copy`, a path of the
 * service's own, without following a link. `refused` could not be copied.
 */
export type ChangedPath =
  | { path: string; kind: "file"; executable: boolean; copy: string }
  | { path: string; kind: "symlink"; target: string }
  | { path: string; kind: "absent" }
  | { path: string; kind: "refused"; reason: string }

/** A saved tree. `files` and `diff` are against the parent, `since` and `whole` (its size) are base..here. */
export type SavedCheckpoint = {
  sha: string
  tree: string
  files: FileChange[]
  diff: string
  since: FileChange[]
  whole: ChangeSize
}

/** What became of a checkpoint: null when nothing differs from the parent. `refused` paths are as they were in the parent. */
export type CheckpointOutcome = { saved: SavedCheckpoint | null; refused: RefusedEdit[] }

/**
 * Saves the parent's tree with the changed paths as checkpoint `attempt`-`n` of a task: blobs, then trees, then the
 * commit, then its ref. The tree is what is there, for the guardrails to judge: symlinks wherever they lead. What no
 * tree can hold is left out and told. Costs by what changed, not by the repository.
 */
export const saveCheckpoint = async (
  mirror: Mirror,
  wanted: {
    task: string
    attempt: number
    n: number
    /** The commit that the task's change is measured against. */
    base: string
    /** The checkpoint before, or the base. */
    parent: string
    changed: readonly ChangedPath[]
  },
  signal: AbortSignal,
): Promise<CheckpointOutcome> => {
  const { objects } = mirror
  const ref = checkpointRef(wanted.task, wanted.attempt, wanted.n)
  const old = await treeOf(objects, wanted.parent, signal)
  const { edits, refused } = await editsOf(objects, wanted.changed, signal)
  const edited = await editTree(objects, old, edits, signal)
  refused.push(...edited.refused.map(({ path, reason }) => ({ path: pathText(path), reason })))
  if (edited.tree === old) return { saved: null, refused }
  const message = `Checkpoint ${wanted.attempt}-${wanted.n} of ${wanted.task}`
  const commit = { tree: edited.tree, parents: [wanted.parent], author: twolane, message, at: Date.now() }
  const sha = await objects.writeCommit(commitText(commit), signal)
  const [diff, since] = await Promise.all([
    diffTrees(mirror, old, edited.tree, signal),
    wanted.parent === wanted.base ? null : changedFiles(mirror, wanted.base, sha, signal),
    objects.setRef({ ref, to: sha }, signal),
  ])
  const { changes: files, text } = diff
  const whole = sizeOf(since ?? files)
  return { saved: { sha, tree: edited.tree, files, diff: text, since: since ?? files, whole }, refused }
}

/** The tree of a commit. */
export const treeOf = async (objects: Objects, commit: string, signal: AbortSignal): Promise<string> => {
  const tree = await objects.info(`${asSha(commit)}^{tree}`, signal)
  if (tree === null) throw new Error(`there is no commit ${commit}`)
  return tree.sha
}

const editsOf = async (
  objects: Objects,
  changed: readonly ChangedPath[],
  signal: AbortSignal,
): Promise<{ edits: TreeEdit[]; refused: RefusedEdit[] }> => {
  const refused: RefusedEdit[] = []
  const edits = await Promise.all(
    changed.map(async (change): Promise<TreeEdit | null> => {
      const reason = problemOf(change)
      if (reason === null) return { path: pathBytes(change.path), to: await entryOf(objects, change, signal) }
      refused.push({ path: change.path, reason })
      return null
    }),
  )
  return { edits: edits.filter(edit => edit !== null), refused }
}

const problemOf = (change: ChangedPath): string | null => {
  if (change.kind === "refused") return change.reason
  const problem = treePathProblem(change.path)
  if (problem !== null || change.kind !== "symlink") return problem
  return symlinkProblem(change.path)
}

const entryOf = async (
  objects: Objects,
  change: ChangedPath,
  signal: AbortSignal,
): Promise<TreeEdit["to"]> => {
  switch (change.kind) {
    case "file":
      return {
        mode: change.executable ? "100755" : "100644",
        sha: await objects.writeFileBlob(change.copy, signal),
      }
    case "symlink":
      return { mode: "120000", sha: await objects.writeBlob(Buffer.from(change.target, "utf8"), signal) }
    case "absent":
    case "refused":
      return null
    default:
      return change satisfies never
  }
}
