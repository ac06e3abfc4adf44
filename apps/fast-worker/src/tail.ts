import { compareEventIds, type EventId, isNextEvent, type TaskDelta, type TaskEvent } from "@twolane/protocol"
import type { Attempt, Store } from "@twolane/store"

/** Where a turn's events and live text go, in their order. */
export type Sink = { event(event: TaskEvent): void; delta(delta: TaskDelta): void }

/** The log of a task from some event on, as it grows under an attempt. */
export type Tail = AsyncDisposable & {
  /** The attempt, whose writes are sent on as they are stored. */
  attempt: Attempt
  /** Begins with events that are stored by now; until then live text alone goes out. */
  begin(events: readonly TaskEvent[]): void
  delta(delta: TaskDelta): void
  /** Sends what is stored by now, and answers the last event that was sent. */
  settle(): Promise<EventId>
}

const pageSize = 500

/**
 * Sends everything that is written to a task to its caller: the attempt's own events at once and without asking Redis, those of others
 * (a steer, a cancel) from the log, each once and in order. Live text keeps its place between them.
 */
export const tailAttempt = (store: Store, source: Attempt, after: EventId, sink: Sink): Tail => {
  let last = after
  let begun = false
  let waiting = 0
  let queue: Promise<void> = Promise.resolve()
  const stop = new AbortController()

  const send = (events: readonly TaskEvent[]) => {
    for (const event of events) {
      if (compareEventIds(event.id, last) <= 0) continue
      last = event.id
      sink.event(event)
    }
  }
  const catchUp = async () => {
    for (let more = true; more; ) {
      const page = await store.events(source, last, pageSize)
      send(page)
      more = page.length === pageSize
    }
  }
  const enqueue = (work: () => void | Promise<void>): Promise<void> => {
    waiting += 1
    queue = queue.then(work).finally(() => {
      waiting -= 1
    })
    return queue
  }
  /** In place when nothing waits: what is said stays in order either way. */
  const inOrder = (work: () => void) => {
    if (waiting === 0) work()
    else ignoreLost(enqueue(work))
  }
  const push = (events: readonly TaskEvent[]) => {
    const [first] = events
    if (first === undefined || !begun) return
    if (isNextEvent(last, first.id)) inOrder(() => send(events))
    else ignoreLost(enqueue(catchUp))
  }
  const hearOthers = async () => {
    for (;;) {
      await source.changed(stop.signal)
      ignoreLost(enqueue(catchUp))
    }
  }
  return {
    attempt: {
      ...source,
      write: async (events, more) => {
        const written = await source.write(events, more)
        push(written)
        return written
      },
    },
    begin: events => {
      begun = true
      inOrder(() => send(events))
      hearOthers().catch(() => undefined) // stopped
    },
    delta: delta => inOrder(() => sink.delta(delta)),
    settle: async () => {
      await enqueue(catchUp)
      return last
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort({ by: "shutdown" })
      await queue.catch(() => undefined) // whoever asked for it has heard
    },
  }
}

/** What could not be read now is read with the next event, or at the end. */
const ignoreLost = (work: Promise<void>): void => void work.catch(() => undefined)
