import type { Client, Connection } from "@twolane/client"
import type { QueueChanged, TaskEvent } from "@twolane/protocol"
import { createFrames } from "./frames.ts"

/** Who wants to know what the team's stream says. */
export type FeedListener = {
  /** Events since the last frame, in their order. */
  onEvents: (events: readonly TaskEvent[]) => void
  onQueue: (queue: QueueChanged) => void
  /** Events were missed: whatever was loaded before is to be loaded again. */
  onReset: () => void
  onConnection: (connection: Connection) => void
  /** It will not come back by itself, such as after the session's end. */
  onEnd: (error: unknown) => void
}

/** A hidden page lets its connection go after so long: browsers give a site few of them. Its cursor stays. */
const hiddenMs = 30_000

/** Reads the team's stream until the signal ends it: one connection for the whole page, its events handed on once a frame. */
export const startFeed = (client: Client, listener: FeedListener, signal: AbortSignal): void => {
  const frames = createFrames<TaskEvent>(listener.onEvents)
  let cursor: string | undefined
  let reading: AbortController | null = null
  let hiding: ReturnType<typeof setTimeout> | undefined

  const read = async (stop: AbortSignal): Promise<void> => {
    const after = cursor === undefined ? {} : { after: cursor }
    const { onConnection } = listener
    for await (const message of client.followTeam({
      ...after,
      signal: stop,
      patienceMs: Infinity,
      onConnection,
    })) {
      if ("queue" in message) listener.onQueue(message.queue)
      else if ("reset" in message) {
        frames.drop()
        listener.onReset()
      } else {
        cursor = message.cursor
        frames.add(message.event)
      }
    }
  }
  const start = (): void => {
    if (reading !== null || signal.aborted) return
    // What happened while nothing was read, and no cursor says where to go on.
    if (started && cursor === undefined) listener.onReset()
    started = true
    const own = new AbortController()
    reading = own
    read(AbortSignal.any([own.signal, signal])).catch((error: unknown) => {
      if (!own.signal.aborted) listener.onEnd(error)
    })
  }
  let started = false
  const stop = (): void => {
    reading?.abort()
    reading = null
  }
  const onVisibility = (): void => {
    clearTimeout(hiding)
    if (document.visibilityState === "visible") start()
    else hiding = setTimeout(stop, hiddenMs)
  }
  document.addEventListener("visibilitychange", onVisibility, { signal })
  signal.addEventListener("abort", () => {
    clearTimeout(hiding)
    frames.drop()
  })
  start()
}
