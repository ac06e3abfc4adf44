import type { Overlap, Task, TaskState } from "@twolane/protocol"
import type { Store } from "@twolane/store"
import { overlapsOf, type Reach, reachOf } from "./overlap.ts"

/** What works on the same files, for whoever looks at a task or submits one. */
export type Overlaps = {
  /** For a task as it is now. */
  of(state: TaskState): Promise<Overlap[]>
  /** Adds them to tasks of a list, those at work. */
  addTo(tasks: readonly Task[]): Promise<Task[]>
}

const freshMs = 1_000
const maxKept = 1_000

/** Asks for a repo's tasks at work at most once a second, however many want to know. */
export const keepOverlaps = (store: Pick<Store, "active">): Overlaps => {
  const kept = new Map<string, { until: number; states: Promise<TaskState[]> }>()
  const active = (team: string, repo: string): Promise<TaskState[]> => {
    const key = `${team}/${repo}`
    const known = kept.get(key)
    if (known !== undefined && known.until > performance.now()) return known.states
    if (kept.size >= maxKept) kept.clear()
    const states = store.active(team, repo)
    kept.set(key, { until: performance.now() + freshMs, states })
    states.catch(() => kept.delete(key))
    return states
  }
  return {
    of: async state =>
      state.endedAt === undefined ? overlapsOf(reachOf(state), await active(state.team, state.repo)) : [],
    addTo: tasks =>
      Promise.all(
        tasks.map(async task => {
          if (!atWork.has(task.status)) return task
          const states = await active(task.team, task.repo)
          const mine: Reach | undefined = states.filter(({ id }) => id === task.id).map(reachOf)[0]
          const overlaps = mine === undefined ? [] : overlapsOf(mine, states)
          return overlaps.length === 0 ? task : { ...task, overlaps }
        }),
      ),
  }
}

const atWork: ReadonlySet<string> = new Set(["running", "waiting", "canceling"])
