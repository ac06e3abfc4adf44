import type { Task, TaskDelta, TaskEvent } from "@twolane/protocol"

/** What a reader of one turn knows: where it is in the log, and whether the turn, or what it was handed to, is over. */
export type Watch = {
  readonly task: string | null
  /** The last event that was seen in the task's log; null before the first. */
  readonly after: string | null
  /** The turn that is watched; null before it is known. */
  readonly turn: string | null
  /** Hand-offs seen so far, from turn to turn. */
  readonly successors: Readonly<Record<string, string>>
  readonly over: boolean
}

/** Nothing is known yet. */
export const noWatch: Watch = { task: null, after: null, turn: null, successors: {}, over: false }

/** The watch of a task's last turn, from the task itself. */
export const watchOf = (task: Task, after: string | null): Watch => ({
  ...noWatch,
  task: task.id,
  after,
  turn: task.turns.at(-1)?.id ?? null,
})

/** The watch after an event or delta. A turn that was handed off is over when the turn that it was handed to is. */
export const seen = (watch: Watch, event: TaskEvent | TaskDelta): Watch => {
  if (!("id" in event)) return watch
  const known = { ...watch, task: event.task, after: event.id }
  switch (event.type) {
    case "turn.queued":
    case "turn.started":
      return { ...known, turn: watch.turn ?? event.turn }
    case "handoff.created": {
      const successors = { ...watch.successors, [event.from.turn]: event.to.turn }
      return { ...known, successors }
    }
    case "turn.ended":
      if (event.turn !== turnUnder(known)) return known
      // Where it went is told by the events that follow.
      return event.outcome.status === "handed_off" ? { ...known, turn: null } : { ...known, over: true }
    default:
      return known
  }
}

/** The watched turn, or where it went: hand-offs may be written before the end of the turn that they are from, or after it. */
const turnUnder = ({ turn, successors }: Watch): string | null => {
  let under = turn
  while (under !== null && successors[under] !== undefined) under = successors[under] ?? null
  return under
}
