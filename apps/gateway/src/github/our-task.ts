import type { Repo, TaskState } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"

const ours = /^twolane\/(task_[0-9a-hjkmnp-tv-z]{26})$/

/** Whether a branch has the name of one of ours. */
export const isOurBranch = (branch: string): boolean => ours.test(branch)

/** The task whose branch a pull request or check is of; null for a branch of people. */
export const taskOfBranch = async (
  { store }: Gateway,
  { team, name }: Repo,
  branch: string,
): Promise<TaskState | null> => {
  const task = ours.exec(branch)?.[1]
  if (task === undefined) return null
  const state = await store.read({ team, task })
  return state?.repo === name ? state : null
}
