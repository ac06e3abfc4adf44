import type { ServerResponse } from "node:http"
import {
  encodeFrame,
  eventStreamHeaders,
  heartbeatEveryMs,
  heartbeatFrame,
  maxBufferedBytes,
} from "@twolane/common"
import { continuesDelta, type Problem, type TaskDelta, type TaskEvent } from "@twolane/protocol"

/** A caller that let so much wait is cut off: it comes back by `Last-Event-ID`. */
const mostBufferedBytes = 8 * 1024 ** 2

/**
 * The stream of one turn, as its caller reads it. It never waits: while the connection is busy live text gathers, and a slow caller
 * misses some of it, but never events.
 */
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
  const text = gatherText()
  let begun = false
  let slow = false
  let writing = 0
  let due = false
  const begin = () => {
    if (begun) return
    begun = true
    // The gateway, which tells its caller otherwise, uses the connection again.
    response.writeHead(200, { ...eventStreamHeaders, connection: "keep-alive" })
  }
  const write = (frames: string) => {
    if (frames === "" || response.destroyed || response.writableEnded) return
    begin()
    writing += 1
    response.write(frames, onWritten)
    if (response.writableLength <= mostBufferedBytes) return
    slow = true
    response.destroy()
  }
  const onWritten = () => {
    writing -= 1
    if (writing === 0) write(text.take())
  }
  /** All that the model said in one piece leaves in one, at the end of the tick: Node would keep it until then in any case. */
  const writeText = () => {
    due = false
    if (writing === 0) write(text.take())
  }
  const timer = setInterval(() => write(heartbeatFrame), heartbeatEveryMs)
  response.once("close", () => {
    clearInterval(timer)
    if (!response.writableFinished) onClosed(slow ? "slow" : "left")
  })
  const end = () => {
    clearInterval(timer)
    write(text.take())
    begin()
    response.end()
  }
  return {
    delta: delta => {
      if (text.chars() + response.writableLength > maxBufferedBytes) return
      text.put(delta)
      if (due || writing > 0) return
      due = true
      process.nextTick(writeText)
    },
    event: data => write(text.take() + encodeFrame({ id: data.id, data })),
    fail: data => {
      write(text.take() + encodeFrame({ event: "problem", data }))
      end()
    },
    end,
    begun: () => begun,
  }
}

/** Live text on its way: what continues a piece is joined to it. */
const gatherText = () => {
  let pieces: { first: TaskDelta; text: string }[] = []
  let chars = 0
  return {
    chars: () => chars,
    put: (delta: TaskDelta) => {
      chars += delta.text.length
      const last = pieces.at(-1)
      if (last !== undefined && continuesDelta(last.first, delta)) last.text += delta.text
      else pieces.push({ first: delta, text: delta.text })
    },
    /** Its frames; it is empty then. */
    take: (): string => {
      const frames = pieces.map(({ first, text }) => encodeFrame({ data: { ...first, text } }))
      pieces = []
      chars = 0
      return frames.join("")
    },
  }
}
