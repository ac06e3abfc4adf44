import { compareEventIds, type TaskDelta, type TaskEvent } from "@twolane/protocol"

/** One reader of a task's events: each event once, in order, as fast as it reads. */
export type Reader = {
  /** Null until its task is known. */
  task: string | null
  /** The last event that it was given. */
  after: string | null
  give(event: TaskEvent | TaskDelta): void
  /** Keeps what it is given to itself, until it is known from where on it is wanted. */
  hold(): void
  isHeld(): boolean
  /** Gives what came after an event, and live text of one turn; of all turns without one. */
  release(after: string | null, turn: string | null): void
  /** Ends it; with an error when there is one. */
  end(error?: unknown): void
  events(): AsyncGenerator<TaskEvent | TaskDelta, void>
}

/** So many pieces may wait for a reader that is behind; of what comes then live text is left out. */
const mostWaiting = 1_000

/** Makes a reader that begins after an event. */
export const makeReader = (after: string | null): Reader => {
  let waiting: (TaskEvent | TaskDelta)[] = []
  let held = false
  let over: { error?: unknown } | null = null
  let wake = () => {}
  const reader: Reader = {
    task: null,
    after,
    give: event => {
      if (over !== null) return
      if ("id" in event) {
        if (reader.after !== null && compareEventIds(event.id, reader.after) <= 0) return
        reader.after = event.id
      } else if (waiting.length > mostWaiting) return
      waiting.push(event)
      wake()
    },
    hold: () => {
      held = true
    },
    isHeld: () => held,
    release: (from, turn) => {
      held = false
      reader.after ??= from
      waiting = waiting.filter(event =>
        "id" in event
          ? from === null || compareEventIds(event.id, from) > 0
          : turn === null || event.turn === turn,
      )
      wake()
    },
    end: error => {
      over ??= error === undefined ? {} : { error }
      wake()
    },
    events: async function* () {
      for (;;) {
        while (waiting.length > 0 && (!held || over !== null)) yield* waiting.splice(0)
        if (over !== null) {
          if ("error" in over) throw over.error
          return
        }
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    },
  }
  return reader
}
