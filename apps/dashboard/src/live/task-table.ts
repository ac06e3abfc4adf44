import type { Task, TaskEvent } from "@twolane/protocol"
import { bucketOf } from "./buckets.ts"
import { byEvent, byView, type KnownTask, withEvent, withView } from "./known-task.ts"
import { createTableOrder, type Order } from "./table-order.ts"

/** All tasks that the page knows. A value is replaced whenever anything changed; views compare what they select by identity. */
export type Tasks = {
  /** A task as it is now; undefined when it was not loaded. */
  readonly find: (id: string) => Task | undefined
  readonly order: Order
}

/** What events could not be folded onto. */
export type Missing = {
  /** Tasks that events named and the table does not know. */
  unknown: ReadonlySet<string>
  /** Known tasks whose view must be loaded again. */
  broken: ReadonlySet<string>
}

/** The tasks, kept up to date from two sides: views that were loaded, and events that came after them. */
export type TaskTable = {
  read: () => Tasks
  /** Takes loaded views in; an older one than the table has changes nothing. */
  learn: (tasks: readonly Task[]) => void
  /** Folds events on, in their order; each counts once, however often it comes. */
  fold: (events: readonly TaskEvent[]) => Missing
  /** After a gap in the stream: what is known may be old, until it is loaded, or an event follows on it. */
  doubt: (what: "everything" | "open tasks") => void
  /** Forgets what is still in doubt; answers what of it was open, and so has gone on unseen. */
  sweep: () => readonly string[]
}

/** Ended tasks that are kept; past a few more, the oldest are forgotten. */
const maxEnded = 20_000

/** Makes an empty table. */
export const createTaskTable = (): TaskTable => {
  const known = new Map<string, KnownTask>()
  const doubted = new Set<string>()
  const order = createTableOrder()
  const find = (id: string): Task | undefined => known.get(id)?.task
  let tasks: Tasks = { find, order: order.settle(find) }

  const put = (next: KnownTask): void => {
    order.move(find(next.task.id), next.task)
    known.set(next.task.id, next)
    doubted.delete(next.task.id)
  }
  const forget = (id: string): void => {
    const task = find(id)
    if (task !== undefined) order.remove(task)
    known.delete(id)
    doubted.delete(id)
  }
  const settle = (): void => {
    let settled = order.settle(find)
    if (settled.ended.length > maxEnded * 1.1) {
      for (const id of settled.ended.slice(maxEnded)) forget(id)
      settled = order.settle(find)
    }
    tasks = { find, order: settled }
  }

  return {
    read: () => tasks,
    learn: loaded => {
      for (const task of loaded) {
        const before = known.get(task.id)
        put(before === undefined ? byView(task) : withView(before, task))
      }
      settle()
    },
    fold: events => {
      const unknown = new Set<string>()
      const broken = new Set<string>()
      for (const event of events) {
        if (broken.has(event.task)) continue
        const before = known.get(event.task)
        const next = before === undefined ? byEvent(event) : withEvent(before, event)
        if (next === null) (before === undefined ? unknown : broken).add(event.task)
        else if (next !== before) put(next)
      }
      settle()
      return { unknown, broken }
    },
    doubt: what => {
      for (const [id, { task }] of known)
        if (what === "everything" || bucketOf(task) !== "ended") doubted.add(id)
    },
    sweep: () => {
      const open = [...doubted].filter(id => {
        const task = find(id)
        return task !== undefined && bucketOf(task) !== "ended"
      })
      for (const id of doubted) forget(id)
      settle()
      return open
    },
  }
}
