import { beforeFirst, compareEventIds } from "@twolane/protocol"
import { pause } from "../pause.ts"
import type { LiveWish } from "./connection.ts"
import type { Reader } from "./reader.ts"

/** The tasks that somebody follows, or whose turn is not on this socket. */
export type Subscriptions = {
  begin(task: string): void
  /** Begins in a while, if anybody still reads the task by then. */
  beginLater(task: string): Promise<void>
  /** Begins all of them on another socket. */
  beginAll(): void
  end(task: string): void
}

/** A task whose events could not be read just now is asked for again so much later. */
const awayMs = 1_000

/** Keeps the gateway telling what the readers of each task want; the signal ends a wait. */
export const makeSubscriptions = (
  tell: (wish: LiveWish) => void,
  readersOf: (task: string) => readonly Reader[],
  signal: AbortSignal,
): Subscriptions => {
  const tasks = new Set<string>()
  /** Events that the socket has got already come again where a reader wants them: each reader leaves out what it has. */
  const subscribe = (task: string) => {
    const earliest = readersOf(task)
      .filter(reader => !reader.isHeld())
      .map(({ after }) => after ?? beforeFirst)
      .toSorted(compareEventIds)[0]
    tell({ type: "subscribe", task, after: earliest ?? beforeFirst })
  }
  const begin = (task: string) => {
    tasks.add(task)
    subscribe(task)
  }
  return {
    begin,
    beginLater: async task => {
      await pause(awayMs, signal)
      if (readersOf(task).length > 0) begin(task)
    },
    beginAll: () => {
      for (const task of tasks) subscribe(task)
    },
    end: task => {
      if (tasks.delete(task)) tell({ type: "unsubscribe", task })
    },
  }
}
