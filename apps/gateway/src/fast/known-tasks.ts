import type { TaskState } from "@twolane/protocol"
import type { Doors, Store, TaskRef } from "@twolane/store"
import { noSuchTask } from "../gateway.ts"

/** A task, and the doors for its next turn, as they are being read, or, if they are old, as they were known. */
export type ForNext = { ref: TaskRef; task: Promise<TaskState>; doors: Promise<Doors>; old: boolean }

/**
 * Tasks whose fast turn has just passed through here, with what a follow-up is decided on: whoever reads an answer and goes on need not wait
 * for Redis first. What is known may be old: a worker refuses what was decided on an older task, and then it is read again.
 */
export type KnownTasks = Disposable & {
  /** A turn of the task has ended here: answers the task as it is then. @throws Fault not-found, store-unavailable */
  keep(ref: TaskRef): Promise<TaskState>
  /** What is known, for one turn: the task goes on with it. Null when it must be read. */
  take(ref: TaskRef): ForNext | null
  /** What is known of the lane goes, also that it is not paused. */
  forgetLane(): void
}

/** The lane is looked at as often as its workers tell of themselves. */
const lookEveryMs = 1_000
/** After this the person has gone on to something else. */
const keptMs = 5 * 60_000
const mostKept = 32

type Known = ForNext & { until: number }

/** Knows nothing yet. */
export const keepKnownTasks = (store: Pick<Store, "readForTurn" | "doors">): KnownTasks => {
  const all = new Map<string, Known>()
  const drop = (known: Known) => {
    const key = keyOf(known.ref)
    if (all.get(key) === known) all.delete(key)
  }
  /** Of a paused lane nothing is known: whoever asks it looks again. */
  const watch = (known: Known, doors: Promise<Doors>) => {
    known.doors = doors
    Promise.all([known.task, doors]).then(
      ([, { paused }]) => paused !== null && drop(known),
      () => drop(known),
    )
  }
  const look = async (known: Known) => {
    if (known.until < performance.now()) return drop(known)
    const state = await known.task.catch(() => null)
    if (state === null || all.get(keyOf(known.ref)) !== known) return
    const { team } = known.ref
    const doors = store.doors("fast", { team, repo: state.repo, state })
    // Until it is answered the last answer stands.
    const found = await doors.catch(() => null)
    if (found === null) drop(known)
    else watch(known, doors)
  }
  const timer = setInterval(() => {
    for (const known of all.values()) void look(known)
  }, lookEveryMs)
  timer.unref()
  return {
    keep: ({ team, task: id }) => {
      const ref = { team, task: id }
      const known: Known = { ...readForNext(store, ref), old: true, until: performance.now() + keptMs }
      all.delete(keyOf(ref))
      all.set(keyOf(ref), known)
      watch(known, known.doors)
      const [oldest] = all.values()
      if (all.size > mostKept && oldest !== undefined) drop(oldest)
      return known.task
    },
    take: ref => {
      const known = all.get(keyOf(ref))
      if (known === undefined) return null
      drop(known)
      return known
    },
    forgetLane: () => all.clear(),
    [Symbol.dispose]: () => {
      clearInterval(timer)
      all.clear()
    },
  }
}

const keyOf = ({ team, task }: TaskRef): string => `${team} ${task}`

/** Begins to read what a task's next fast turn is decided on; a task that is not there is told to whoever goes by it. */
export const readForNext = (store: Pick<Store, "readForTurn">, ref: TaskRef): ForNext => {
  const { task, doors } = store.readForTurn("fast", ref)
  const found = task.then(state => {
    if (state === null) throw noSuchTask()
    return state
  })
  found.catch(() => undefined) // a request that is refused for its body never asks
  return { ref, task: found, doors, old: false }
}
