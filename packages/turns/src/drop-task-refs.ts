import type { TaskState } from "@twolane/protocol"
import { dropRefs, refsOfTasks } from "@twolane/workspace"

/** Tasks are read so many at a time. */
const tasksAtOnce = 200

/** Where the refs are, and how tasks are read: each by its place, null where there is none; nothing at all leaves their refs alone. */
type Reading = {
  dataDir: string
  read: (tasks: readonly string[]) => Promise<readonly (TaskState | null)[]>
}

/** Which tasks are looked at, and which of these are gone by what is known of them. */
type Which = { among: (task: string) => boolean; isGone: (state: TaskState | null) => boolean }

/** Takes the refs of tasks that are gone out of a repo's mirror; answers of how many tasks. */
export const dropTaskRefs = async (
  { dataDir, read }: Reading,
  repo: { team: string; repo: string },
  { among, isGone }: Which,
  signal: AbortSignal,
): Promise<number> => {
  const refs = await refsOfTasks(dataDir, repo, signal)
  const tasks = [...refs.keys()].filter(among)
  let dropped = 0
  for (let at = 0; at < tasks.length; at += tasksAtOnce) {
    const some = tasks.slice(at, at + tasksAtOnce)
    const states = await read(some)
    const gone = some.filter((_, index) => {
      const state = states[index]
      return state !== undefined && isGone(state)
    })
    const theirs = gone.flatMap(task => refs.get(task) ?? [])
    await dropRefs(dataDir, repo, theirs, signal)
    dropped += gone.length
  }
  return dropped
}
