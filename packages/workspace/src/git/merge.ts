import { Fault } from "@twolane/protocol"
import { treeOf } from "./checkpoint.ts"
import { commitText, type Person } from "./commit-text.ts"
import { tryGit } from "./git.ts"
import type { Mirror } from "./mirror.ts"
import { asSha } from "./refs.ts"
import { branchTip } from "./resolve.ts"

/** A merge that is made but not pushed: `sha` takes the place of `tip`. `clean` says that the tip had not moved from the base. */
export type Merge = { sha: string; tip: string; fastForward: boolean }

/**
 * Merges a task's head with the default branch's tip, in the mirror and without a working tree. Where the tip is part of
 * the head already, the head itself is the result. Changes no ref. Raises `merge-conflict` with the `paths`.
 */
export const mergeChange = async (
  mirror: Mirror,
  wanted: { task: string; head: string; defaultBranch: string; author: Person },
  signal: AbortSignal,
): Promise<Merge> => {
  const head = asSha(wanted.head)
  const tip = await branchTip(mirror, wanted.defaultBranch, signal)
  if (tip === null)
    throw new Fault("base-not-found", `the source has no branch ${wanted.defaultBranch} any more`)
  if (await isAncestor(mirror, tip, head, signal)) return { sha: head, tip, fastForward: true }
  const tree = await mergeTrees(mirror, tip, head, signal)
  if (tree === (await treeOf(mirror.objects, tip, signal))) return { sha: tip, tip, fastForward: true }
  const message = `Merge twolane/${wanted.task} into ${wanted.defaultBranch}\n\nTwolane-Task: ${wanted.task}`
  const commit = { tree, parents: [tip, head], author: wanted.author, message, at: Date.now() }
  return { sha: await mirror.objects.writeCommit(commitText(commit), signal), tip, fastForward: false }
}

/** Whether `old` is `sha` or came before it. */
export const isAncestor = async (
  mirror: Mirror,
  old: string,
  sha: string,
  signal: AbortSignal,
): Promise<boolean> => {
  const args = ["--is-ancestor", asSha(old), asSha(sha)]
  const end = await tryGit({ command: "merge-base", gitDir: mirror.dir, args }, signal)
  if (end.code !== 0 && end.code !== 1) throw new Error(`git merge-base failed: ${end.stderr.slice(-500)}`)
  return end.code === 0
}

const mergeTrees = async (
  mirror: Mirror,
  tip: string,
  head: string,
  signal: AbortSignal,
): Promise<string> => {
  const args = ["--write-tree", "-z", "--name-only", "--no-messages", tip, head]
  const end = await tryGit({ command: "merge-tree", gitDir: mirror.dir, args }, signal)
  const [tree = "", ...rest] = end.stdout.toString("utf8").split("\0")
  if (end.code === 0) return asSha(tree)
  if (end.code !== 1) throw new Error(`git merge-tree failed: ${end.stderr.slice(-500)}`)
  const paths = [...new Set(rest.filter(path => path !== ""))]
  throw new Fault(
    "merge-conflict",
    `the change conflicts with the default branch in ${paths.length} file(s)`,
    {
      extra: { paths },
    },
  )
}
