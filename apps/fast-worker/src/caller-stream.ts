import type { ServerResponse } from "node:http"
import {
  encodeFrame,
  eventStreamHeaders,
  heartbeatEveryMs,
  heartbeatFrame,
  maxBufferedBytes,
} from "@twolane/common"
import type { Problem, TaskDelta, TaskEvent } from "@twolane/protocol"

/** A caller that let so much wait is cut off: it comes back by `Last-Event-ID`. */
const mostBufferedBytes = 8 * 1024 ** 2

/** The stream of one turn, as its caller reads it. It never waits: a slow caller misses deltas, never events. */
export type CallerStream = {
  delta(delta: TaskDelta): void
  event(event: TaskEvent): void
  /** Ends the stream with a problem. */
  fail(problem: Problem): void
  end(): void
  /** Whether anything was sent: until then the answer may be another one. */
  readonly begun: () => boolean
}

/** Why a stream closed before its end: the caller left, or could not keep up. */
export type Closed = "left" | "slow"

/** Streams to an HTTP answer, whose head goes out with the first frame. `onClosed` hears once that nobody reads any more. */
export const openCallerStream = (response: ServerResponse, onClosed: (why: Closed) => void): CallerStream => {
  let begun = false
  let slow = false
  const begin = () => {
    if (begun) return
    begun = true
    // The gateway, which tells its caller otherwise, uses the connection again.
    response.writeHead(200, { ...eventStreamHeaders, connection: "keep-alive" })
  }
  const write = (frame: string) => {
    if (response.destroyed || response.writableEnded) return
    begin()
    response.write(frame)
    if (response.writableLength <= mostBufferedBytes) return
    slow = true
    response.destroy()
  }
  const timer = setInterval(() => write(heartbeatFrame), heartbeatEveryMs)
  response.once("close", () => {
    clearInterval(timer)
    if (!response.writableFinished) onClosed(slow ? "slow" : "left")
  })
  const end = () => {
    clearInterval(timer)
    begin()
    response.end()
  }
  return {
    delta: data => {
      if (response.writableLength <= maxBufferedBytes) write(encodeFrame({ data }))
    },
    event: data => write(encodeFrame({ id: data.id, data })),
    fail: data => {
      write(encodeFrame({ event: "problem", data }))
      end()
    },
    end,
    begun: () => begun,
  }
}
