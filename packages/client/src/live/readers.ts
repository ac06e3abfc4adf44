import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import { ClientProblem } from "../problem.ts"
import { awayCodes } from "../transport.ts"
import type { Connection, ConnectionEvents } from "./connection.ts"
import type { Reader } from "./reader.ts"
import { makeSubscriptions } from "./subscriptions.ts"

/** What is read of a task. */
export type Events = AsyncGenerator<TaskEvent | TaskDelta, void>

/** All who read over one connection. */
export type Readers = {
  /** A reader that is given the events of its task, once it has one. */
  add(reader: Reader): void
  /** Has the gateway tell a task's events for a reader. */
  attach(reader: Reader, task: string): void
  /** What a reader is given, to its end or that of the signal; it has left then. */
  read(reader: Reader, signal: AbortSignal): Events
  /** What the connection is to tell. */
  readonly events: ConnectionEvents
}

/** Makes the readers of a connection; `life` is the connection's own. */
export const makeReaders = (connection: Pick<Connection, "tell" | "wake">, life: AbortSignal): Readers => {
  const readers = new Set<Reader>()
  const of = (task: string) => [...readers].filter(reader => reader.task === task)
  const subscriptions = makeSubscriptions(connection.tell, of, life)
  const leave = (reader: Reader) => {
    readers.delete(reader)
    if (reader.task !== null && of(reader.task).length === 0) subscriptions.end(reader.task)
  }
  return {
    add: reader => void readers.add(reader),
    attach: (reader, task) => {
      reader.task = task
      subscriptions.begin(task)
      connection.wake()
    },
    read: async function* (reader, signal) {
      const stop = () => reader.end()
      signal.addEventListener("abort", stop, { once: true })
      try {
        if (!signal.aborted) yield* reader.events()
      } finally {
        signal.removeEventListener("abort", stop)
        leave(reader)
      }
    },
    events: {
      onEvent: event => {
        for (const reader of of(event.task)) reader.give(event)
      },
      onStopped: (task, problem) => {
        if (awayCodes.has(problem.code)) return void subscriptions.beginLater(task)
        const error = new ClientProblem(problem as ClientProblem["problem"])
        for (const reader of of(task)) reader.end(error)
      },
      onOpen: () => subscriptions.beginAll(),
      onGivenUp: error => {
        for (const reader of readers) reader.end(life.aborted ? undefined : error)
      },
      isNeeded: () => readers.size > 0,
    },
  }
}
