import type { House } from "../house.ts"
import { createFrames, type Message } from "./frames.ts"

/** A fast turn as its caller has it: messages as they come. Leaving closes the connection. */
export type Stream = AsyncDisposable & {
  readonly status: number
  readonly headers: Headers
  /** Reads on until a message fits; answers all that was read since the last time, it included. */
  until(fits: (message: Message) => boolean): Promise<Message[]>
  /** Reads to the end. */
  rest(): Promise<Message[]>
  leave(): void
}

/** Sends a request for a fast turn and opens its stream. */
export const openStream = async (
  house: House,
  path: string,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Stream> => {
  const stop = new AbortController()
  const answer = await fetch(house.url + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      authorization: `Bearer ${house.apiKey}`,
      "content-type": "application/json",
      accept: "text/event-stream",
      ...headers,
    },
    signal: stop.signal,
  })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) throw new Error("an answer without a body")
  const read = createFrames()
  const waiting: Message[] = []
  let last = ""
  const more = async (): Promise<boolean> => {
    const { done, value } = await reader.read()
    if (done) return false
    last = value
    waiting.push(...read(value))
    return true
  }
  return {
    status: answer.status,
    headers: answer.headers,
    until: async fits => {
      const seen: Message[] = []
      for (;;) {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          seen.push(next)
          if (fits(next)) return seen
        }
        if (!(await more())) throw new Error(`the stream ended: ${JSON.stringify(seen)} ${last}`)
      }
    },
    rest: async () => {
      while (await more());
      return waiting.splice(0)
    },
    leave: () => stop.abort(),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await reader.cancel().catch(() => undefined) // it was aborted
    },
  }
}
