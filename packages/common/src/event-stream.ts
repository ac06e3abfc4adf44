/** One server-sent message: `id` is left off what is not part of a log, `event` off what is a plain event of ours. */
export type StreamMessage = { id?: string; event?: string; data: unknown }

/** One frame of an event stream (WHATWG HTML, 9.2); JSON has no line break of its own. */
export const encodeFrame = ({ id, event, data }: StreamMessage): string =>
  `${id === undefined ? "" : `id: ${id}\n`}${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`

/**
 * Encodes each message once for all who are sent it one after another. `data` stays as it is: the same object is the same text.
 */
export const encodeForAll = (): ((message: StreamMessage) => string) => {
  let last: { message: StreamMessage; frame: string } | null = null
  return message => {
    if (last === null || !isSame(last.message, message)) last = { message, frame: encodeFrame(message) }
    return last.frame
  }
}

const isSame = (one: StreamMessage, other: StreamMessage): boolean =>
  one.data === other.data && one.id === other.id && one.event === other.event

/** A comment: it says that the stream lives, and nothing else. */
export const heartbeatFrame = ":\n\n"

/** How often a quiet stream gets a heartbeat; at least one every 10 s is promised. */
export const heartbeatEveryMs = 5_000

/** How much may wait for a slow reader, in bytes, before a stream stops to feed it. */
export const maxBufferedBytes = 256 * 1024

/** The headers of every event stream that leaves us. */
export const eventStreamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  // Kept alive, the connection of a stream that ended would hold up the gateway's stop.
  connection: "close",
  "x-accel-buffering": "no",
} as const
