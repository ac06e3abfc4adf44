import { treeOf } from "./checkpoint.ts"
import { commitText, type Person } from "./commit-text.ts"
import type { Mirror } from "./mirror.ts"
import { asSha, taskBranchRef } from "./refs.ts"
import { hasCommit } from "./resolve.ts"
import { setSharedRef } from "./set-ref.ts"

/** The head of a task's branch in the mirror; null before the first commit. */
export const taskHead = async (mirror: Mirror, task: string, signal: AbortSignal): Promise<string | null> =>
  (await mirror.objects.info(taskBranchRef(task), signal))?.sha ?? null

/** The last line of every commit of ours. */
const trailer = (task: string): string => `Twolane-Task: ${task}`

/**
 * Commits a checkpoint's tree, exactly, to the task's branch: one commit on the branch's head, or on the base at first.
 * The same tree again is no new commit. Answers the branch's head (the base while nothing changed). It only ever grows.
 */
export const commitChange = async (
  mirror: Mirror,
  wanted: {
    task: string
    base: string
    /** The head that the task's log names: it may have been committed on another machine. */
    head?: string | undefined
    checkpoint: string
    author: Person
    message: string
    /** The commit's time in epoch ms; by default now. */
    at?: number
  },
  signal: AbortSignal,
): Promise<string> => {
  const { objects } = mirror
  const here = await taskHead(mirror, wanted.task, signal)
  const named = wanted.head !== undefined && (await hasCommit(mirror, wanted.head, signal))
  const parent = asSha((named ? wanted.head : here) ?? wanted.base)
  const tree = await treeOf(objects, wanted.checkpoint, signal)
  if (tree === (await treeOf(objects, parent, signal))) return parent
  const commit = {
    tree,
    parents: [parent],
    author: wanted.author,
    message: `${wanted.message.trim() || "Change by Twolane"}\n\n${trailer(wanted.task)}`,
    at: wanted.at ?? Date.now(),
  }
  const sha = await objects.writeCommit(commitText(commit), signal)
  await setSharedRef(mirror, { ref: taskBranchRef(wanted.task), to: sha, from: here }, signal)
  return sha
}
