import {
  compareEventIds,
  foldEvent,
  isFinal,
  isNextEvent,
  type Task,
  type TaskEvent,
  type TaskState,
  viewTask,
} from "@twolane/protocol"
import { stateOfTask } from "./state-of-task.ts"

/** What the page knows of a task: its view, and the state that the next event is folded onto. */
export type KnownTask = {
  task: Task
  /** Null until an event comes: it is then made from the view, which holds all that later views show but unfinished work. */
  state: TaskState | null
  /** Whether the state was folded from the first event on, so that nothing is missing in it. */
  whole: boolean
}

/** A task by its view alone. */
export const byView = (task: Task): KnownTask => ({ task, state: null, whole: false })

/** A task by its first event; null for any other event, since nothing is known of it. */
export const byEvent = (event: TaskEvent): KnownTask | null => {
  if (event.type !== "task.created") return null
  const state = foldEvent(null, event)
  return { task: viewTask(state), state, whole: true }
}

/** The view that knows more of the log. A place in the queue is no event: the loaded one is always the newer. */
export const withView = (known: KnownTask, loaded: Task): KnownTask => {
  const newer = compareEventIds(loaded.lastEventId, known.task.lastEventId)
  if (newer < 0) return known
  return newer === 0 ? { ...known, task: loaded } : byView(loaded)
}

/** What is known after an event: the same when it had the event already, null when the task has to be loaded again. */
export const withEvent = (known: KnownTask, event: TaskEvent): KnownTask | null => {
  const { task, whole } = known
  if (compareEventIds(event.id, task.lastEventId) <= 0) return known
  if (!isNextEvent(task.lastEventId, event.id)) return null
  // What a turn leaves behind was in events that came before the view.
  if (event.type === "turn.ended" && !whole) return null
  try {
    const state = foldEvent(known.state ?? stateOfTask(task), event)
    return { task: viewAround(state, task), state: isFinal(lastStatus(state)) ? null : state, whole }
  } catch {
    return null // it names what the view does not have
  }
}

const lastStatus = (state: TaskState) => state.turns.at(-1)?.status ?? "queued"

const viewAround = (state: TaskState, before: Task): Task => {
  const { queue, behind, overlaps } = before
  return viewTask(state, {
    ...(queue === undefined || lastStatus(state) !== "queued" ? {} : { queue }),
    ...(behind === undefined ? {} : { behind }),
    ...(overlaps === undefined || state.endedAt !== undefined ? {} : { overlaps }),
  })
}
