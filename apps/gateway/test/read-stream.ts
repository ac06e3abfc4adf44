import { createParser, type EventSourceMessage } from "eventsource-parser"

/** A stream as it was read so far. */
export type ReadStream = AsyncDisposable & {
  readonly status: number
  readonly headers: Headers
  readonly messages: EventSourceMessage[]
  readonly comments: string[]
  /** Resolves when `enough` says so, or the stream has ended. */
  until(enough: () => boolean): Promise<void>
  /** Resolves when the gateway has ended it. */
  readonly ended: Promise<void>
}

/** Opens a server-sent event stream and reads on. */
export const readStream = async (url: string, headers: Record<string, string>): Promise<ReadStream> => {
  const stop = new AbortController()
  const response = await fetch(url, {
    headers: { accept: "text/event-stream", ...headers },
    signal: stop.signal,
  })
  const messages: EventSourceMessage[] = []
  const comments: string[] = []
  let wake = () => {}
  let over = false
  const parser = createParser({
    onEvent: message => void messages.push(message),
    onComment: comment => void comments.push(comment),
  })
  const read = async () => {
    const decoder = new TextDecoder()
    try {
      for await (const chunk of response.body ?? []) {
        parser.feed(decoder.decode(chunk, { stream: true }))
        wake()
      }
    } finally {
      over = true
      wake()
    }
  }
  const ended = read().catch(() => undefined)
  return {
    status: response.status,
    headers: response.headers,
    messages,
    comments,
    ended,
    until: async enough => {
      while (!over && !enough())
        await new Promise<void>(resolve => {
          wake = resolve
        })
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await ended
    },
  }
}
