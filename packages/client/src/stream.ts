import { createParser, type EventSourceMessage } from "eventsource-parser"
import { problemFrom, Unreachable } from "./problem.ts"
import type { Transport } from "./transport.ts"

/** The gateway says something at least every 10 s: a connection that is silent for so long is dead. */
const silentMs = 30_000
/** No event of ours is near this; it bounds what a broken server can make us keep. */
const maxMessageChars = 64 * 1024 * 1024

/** A stream to read: its path with its query, and where the reader left off. */
export type StreamRequest = { path: string; after: string | null; signal: AbortSignal }

/** A request that is answered with a stream, or with JSON: a body for a path, acting once for one key. */
export type StreamingPost = { path: string; body: unknown; idempotencyKey: string; signal: AbortSignal }

/**
 * Posts, and answers the messages of the stream that comes back, or the JSON that came instead.
 * @throws ClientProblem, Unreachable
 */
export const postForStream = async (
  { baseUrl, headers, send }: Transport,
  { path, body, idempotencyKey, signal }: StreamingPost,
): Promise<{ messages: AsyncGenerator<EventSourceMessage, void> } | { json: unknown }> => {
  const request = new Request(`${baseUrl}${path}`, {
    method: "POST",
    headers: {
      ...headers,
      accept: "text/event-stream",
      "content-type": "application/json",
      "idempotency-key": idempotencyKey,
    },
    body: JSON.stringify(body),
    signal,
  })
  const response = await send(request)
  if (!response.ok) throw problemFrom(response, await response.json().catch(() => null))
  if (!(response.headers.get("content-type") ?? "").startsWith("text/event-stream"))
    return { json: await response.json() }
  if (response.body === null) throw new Unreachable(baseUrl, new Error("the stream has no body"))
  return { messages: messagesOf(response.body, baseUrl, signal) }
}

/**
 * Opens a server-sent event stream; null when there will be nothing more (204).
 * @throws ClientProblem, Unreachable
 */
export const openStream = async (
  { baseUrl, headers, send }: Transport,
  { path, after, signal }: StreamRequest,
): Promise<AsyncGenerator<EventSourceMessage, void> | null> => {
  const request = new Request(`${baseUrl}${path}`, {
    headers: {
      ...headers,
      accept: "text/event-stream",
      ...(after === null ? {} : { "last-event-id": after }),
    },
    signal,
  })
  const response = await send(request)
  if (response.status === 204) return null
  if (!response.ok) throw problemFrom(response, await response.json().catch(() => null))
  if (response.body === null) throw new Unreachable(baseUrl, new Error("the stream has no body"))
  return messagesOf(response.body, baseUrl, signal)
}

async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  baseUrl: string,
  signal: AbortSignal,
): AsyncGenerator<EventSourceMessage, void> {
  const ready: EventSourceMessage[] = []
  const parser = createParser({
    onEvent: message => void ready.push(message),
    maxBufferSize: maxMessageChars,
  })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  // The request has the signal too, but Node holds a request weakly: once it is collected, its abort no longer reaches the body.
  const onAbort = () => void reader.cancel().catch(() => undefined)
  signal.addEventListener("abort", onAbort, { once: true })
  try {
    for (;;) {
      const { done, value } = await readOrGiveUp(reader)
      if (done) return
      parser.feed(decoder.decode(value, { stream: true }))
      yield* ready.splice(0)
    }
  } catch (error) {
    throw new Unreachable(baseUrl, error)
  } finally {
    signal.removeEventListener("abort", onAbort)
    // Also when the reader of this generator leaves early: the connection must not stay.
    await reader.cancel().catch(() => undefined)
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>

const readOrGiveUp = async (reader: Reader): ReturnType<Reader["read"]> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the stream fell silent")), silentMs)
  })
  try {
    return await Promise.race([reader.read(), silent])
  } finally {
    clearTimeout(timer)
  }
}
