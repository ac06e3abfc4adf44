import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { type ClientRequest, type IncomingMessage, request } from "node:http"
import { createParser, type EventSourceMessage } from "eventsource-parser"

/** Whom a reader asks, and by which key. */
export type Site = { url: string; apiKey: string }

/** An open event stream on a connection of its own. */
export type Reader = Disposable & {
  /** Where the answer to a POST says its task is. */
  readonly location: string | undefined
  /** Whether a request that was sent once more met a turn that the first one had begun: what was live before is told whole. */
  readonly replayed: boolean
  /** Reads to the end; true when the gateway ended it, false when it was cut off. */
  read(): Promise<boolean>
}

type Wish = { method?: "GET" | "POST"; path: string; body?: object }

/** How often a request was sent once more: its head came too slowly from here, which is as busy as the gateway. */
export const asked = { again: 0 }
const mostTries = 20
const retryable: ReadonlySet<number | undefined> = new Set([408, 503])

/**
 * Opens a stream; nothing of it is read before `read` is called, and then `onEvent` hears each message.
 * @throws Error when it is refused
 */
export const openReader = async (
  site: Site,
  wish: Wish,
  onEvent: (message: EventSourceMessage) => void,
): Promise<Reader> => {
  const { sent, answer } = await answered(site, wish)
  // Cut off while nobody reads, it says so before anybody listens.
  answer.on("error", () => undefined)
  const parser = createParser({ onEvent })
  return {
    location: answer.headers.location,
    replayed: answer.headers["idempotent-replay"] === "true",
    read: async () => {
      answer.setEncoding("utf8")
      answer.on("data", (text: string) => parser.feed(text))
      if (!answer.closed) await once(answer, "close").catch(() => undefined)
      return answer.complete
    },
    [Symbol.dispose]: () => void sent.destroy(),
  }
}

const answered = async (
  { url, apiKey }: Site,
  { method = "GET", path, body }: Wish,
): Promise<{ sent: ClientRequest; answer: IncomingMessage }> => {
  const headers = {
    accept: "text/event-stream",
    authorization: `Bearer ${apiKey}`,
    ...(body === undefined ? {} : { "content-type": "application/json", "idempotency-key": randomUUID() }),
  }
  const text = body === undefined ? undefined : JSON.stringify(body)
  for (let tries = 1; ; tries += 1) {
    const sent = request(`${url}${path}`, { method, agent: false, headers })
    sent.on("error", () => undefined) // told to whoever waits for the answer
    sent.end(text)
    const answer = await once(sent, "response").then(
      ([given]) => given as IncomingMessage,
      () => null, // cut off before it was answered
    )
    if (answer?.statusCode === 200) return { sent, answer }
    sent.destroy()
    if (tries === mostTries || (answer !== null && !retryable.has(answer.statusCode)))
      throw new Error(`${method} ${path} was answered ${answer?.statusCode ?? "by nothing"}`)
    asked.again += 1
  }
}
