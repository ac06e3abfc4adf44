import type { ClientRequest, IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { readMessages, sendMessage } from "@twolane/common/json-lines"
import type { Actor, TaskState } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"

/** What a line asks its worker for. */
export type StopWish = TaskRef & { by: Actor }

/** A kept line to a worker, over which its turns are interrupted: a message each way, where a request would cost three times as much. */
export type StopLine = Disposable & {
  /** The task once its interrupt is stored; null when no such turn runs there, or the line is of no use (any more). */
  stop(wish: StopWish): Promise<TaskState | null>
}

/** What a worker answers: its word is as good as what it writes to Redis. */
type Said = { id: number; task: TaskState | null }

/** After this the interrupt goes by Redis. */
const stopWithinMs = 1_000
/** A machine that vanished is found out by then. */
const probeAfterMs = 10_000

/** Asks a worker to make a line of the connection; `onClosed` hears once that there is none any more. */
export const openStopLine = (sent: ClientRequest, onClosed: () => void): StopLine => {
  const waiting = new Map<number, (task: TaskState | null) => void>()
  const opened = Promise.withResolvers<Duplex | null>()
  let line: Duplex | null = null
  let count = 0
  let closed = false
  const close = () => {
    if (closed) return
    closed = true
    sent.destroy()
    opened.resolve(null)
    for (const settle of waiting.values()) settle(null)
    waiting.clear()
    onClosed()
  }
  sent.on("error", close)
  // A worker of a version before this one knows no lines.
  sent.once("response", close)
  sent.once("upgrade", (_answer: IncomingMessage, socket) => {
    socket.setKeepAlive(true, probeAfterMs).setNoDelay(true)
    socket.on("error", close).on("close", close)
    readMessages<Said>(socket, ({ id, task }) => {
      waiting.get(id)?.(task)
      waiting.delete(id)
    })
    line = socket
    opened.resolve(socket)
  })
  sent.end()
  const ask = (to: Duplex, wish: StopWish): Promise<TaskState | null> =>
    new Promise(resolve => {
      count += 1
      waiting.set(count, resolve)
      sendMessage(to, { id: count, ...wish })
    })
  return {
    stop: async wish => {
      // A line that does not answer in time would not the next time either.
      const late = setTimeout(close, stopWithinMs)
      try {
        // One that is open is asked in this very tick, before the caller does whatever else it has to.
        const to = line ?? (await opened.promise)
        return to === null || to.destroyed ? null : await ask(to, wish)
      } finally {
        clearTimeout(late)
      }
    },
    [Symbol.dispose]: close,
  }
}
