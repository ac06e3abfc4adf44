import {
  derive,
  encodeForAll,
  eventStreamHeaders,
  heartbeatEveryMs,
  heartbeatFrame,
  type Logger,
  type Metrics,
  maxBufferedBytes,
  type StreamMessage,
  sleep,
} from "@twolane/common"
import type { FastifyReply } from "fastify"

/** One open server-sent event stream. */
export type EventStream = {
  /** Ends when the reader is gone, too slow, or the gateway stops. */
  readonly signal: AbortSignal
  /** Sends one message; waits while the reader is behind. */
  send(message: StreamMessage): Promise<void>
}

/** All streams of a gateway: one clock for their heartbeats, one place to end them. */
export type Streams = Disposable & {
  readonly timing: StreamTiming
  /** Answers a request with a stream that ends when `feed` does. What `feed` throws is logged: the reader comes back and resumes. */
  serve(
    reply: FastifyReply,
    kind: "task" | "team",
    feed: (stream: EventStream) => Promise<void>,
  ): Promise<void>
}

/** Times of the streams: at least one comment every 10 s is promised. */
export type StreamTiming = { heartbeatMs: number; stallMs: number }
export const streamTiming: StreamTiming = { heartbeatMs: heartbeatEveryMs, stallMs: 5_000 }

type OpenStream = EventStream & { beat: () => void; end: () => void }

/** Makes the gateway's streams; `stopping` ends them all. */
export const createStreams = (
  { metrics, log }: { metrics: Metrics; log: Logger },
  timing: StreamTiming,
  stopping: AbortSignal,
): Streams => {
  const all = new Set<OpenStream>()
  const encode = encodeForAll()
  const clock = setInterval(() => {
    for (const stream of all) stream.beat()
  }, timing.heartbeatMs)
  clock.unref()
  return {
    timing,
    serve: async (reply, kind, feed) => {
      const stream = openStream(reply, { stallMs: timing.stallMs, encode }, stopping)
      all.add(stream)
      metrics.streams.inc({ kind })
      try {
        await feed(stream)
      } catch (error) {
        if (!stream.signal.aborted) log.warn({ requestId: reply.request.id, error }, "event stream broke off")
      } finally {
        all.delete(stream)
        metrics.streams.dec({ kind })
        stream.end()
      }
    },
    [Symbol.dispose]: () => clearInterval(clock),
  }
}

const openStream = (
  reply: FastifyReply,
  { stallMs, encode }: { stallMs: number; encode: (message: StreamMessage) => string },
  stopping: AbortSignal,
): OpenStream => {
  const { raw } = reply
  const life = derive(stopping)
  reply.hijack()
  raw.writeHead(200, { ...plainHeaders(reply), ...eventStreamHeaders })
  // The head leaves by itself: V8 then keeps it in one piece, and not as the eighty that Node put it together from.
  raw.flushHeaders()
  // An empty comment goes out at once, so that the reader knows that it is connected.
  raw.write(heartbeatFrame)
  raw.once("close", () => life.abort({ by: "disconnect" }))
  const drop = () => {
    life.abort({ by: "disconnect" })
    raw.destroy()
  }
  return {
    signal: life.signal,
    send: async message => {
      if (life.signal.aborted) return
      raw.write(encode(message))
      if (raw.writableLength > maxBufferedBytes && !(await drained(raw, stallMs, life.signal))) drop()
    },
    beat: () => {
      if (raw.writableLength > maxBufferedBytes) drop()
      else raw.write(heartbeatFrame)
    },
    end: () => {
      life[Symbol.dispose]()
      raw.end()
    },
  }
}

const plainHeaders = (reply: FastifyReply): Record<string, string | string[] | number> =>
  Object.fromEntries(
    Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )

/** Whether the reader caught up in time. */
const drained = async (raw: FastifyReply["raw"], withinMs: number, signal: AbortSignal): Promise<boolean> => {
  const waiting = derive(signal)
  const onDrain = () => waiting.abort({ by: "superseded" })
  raw.once("drain", onDrain)
  try {
    await sleep(withinMs, waiting.signal)
    return false
  } catch {
    // The signal's reason: the reader caught up, or the stream ended, which its own signal tells.
    return true
  } finally {
    raw.removeListener("drain", onDrain)
    waiting[Symbol.dispose]()
  }
}
