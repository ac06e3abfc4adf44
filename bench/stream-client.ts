import { once } from "node:events"
import { type ClientRequest, type IncomingMessage, request } from "node:http"
import { connect } from "node:net"
import { text as textOf } from "node:stream/consumers"
import { preciseNow } from "./measure.ts"
import { makeStampReader } from "./model/order.ts"

/** A POST whose answer is an event stream of stamped tokens. */
export type StreamRequest = {
  url: string
  path: string
  headers?: Readonly<Record<string, string>>
  body: object
  /** Hears of all that comes, as text. */
  onText?: (text: string) => void
}

/** What came of a stream. */
export type Streamed = {
  /** When the request was sent, and when the first token was there. Times are `preciseNow`. */
  sentAt: number
  firstAt: number
  /** For each token how long it was on its way, ms. */
  delays: number[]
  /** How many tokens came out of their order, or with others before them missing. */
  lost: number
}

/** A stream that is open. */
export type OpenStream = { request: ClientRequest; ended: Promise<Streamed> }

/** Connects, then sends the request: a caller that means to ask has its connection ready. */
export const openStream = async ({
  url,
  path,
  headers,
  body,
  onText,
}: StreamRequest): Promise<OpenStream> => {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, "connect")
  const text = JSON.stringify(body)
  const length = Buffer.byteLength(text)
  const sent = request(`${url}${path}`, {
    method: "POST",
    agent: false,
    createConnection: () => socket,
    headers: {
      "content-type": "application/json",
      "content-length": length,
      accept: "text/event-stream",
      ...headers,
    },
  })
  const { found, read } = startReading()
  sent.end(text)
  const ended = once(sent, "response").then(([answer]) =>
    readStream(answer as IncomingMessage, { found, read }, onText),
  )
  ended.catch(() => undefined) // told to whoever waits for it
  return { request: sent, ended }
}

/** What a stream brings about is told by another process: it may come after the stream's end, but not much. */
const toldWithinMs = 5_000

/**
 * Waits for what a stream brings about elsewhere. One that is refused, breaks off, or ends without it fails with that: the wait would have
 * no end but the row's limit, which says nothing.
 */
export const whileStreaming = <Value>({ ended }: OpenStream, waiting: Promise<Value>): Promise<Value> =>
  Promise.race([waiting, ended.then(overdue)])

const overdue = (): Promise<never> =>
  new Promise((_, reject) => {
    const error = new Error("the stream ended, and what it was to bring about was not told")
    setTimeout(() => reject(error), toldWithinMs).unref()
  })

/** Streams, to its end. */
export const streamOnce = async (wish: StreamRequest): Promise<Streamed> => (await openStream(wish)).ended

/** Begins to read an answer that comes as text in pieces. */
export const startReading = (): { found: Streamed; read: (text: string) => void } => {
  const found: Streamed = { sentAt: preciseNow(), firstAt: 0, delays: [], lost: 0 }
  let at = 0
  const readStamps = makeStampReader((stamp, index) => {
    // The event that ends a message repeats it.
    if (index < found.delays.length) return
    if (index > found.delays.length) found.lost += 1
    found.firstAt ||= at
    found.delays.push(at - stamp)
  })
  const read = (text: string) => {
    at = preciseNow()
    readStamps(text)
  }
  return { found, read }
}

const readStream = async (
  answer: IncomingMessage,
  { found, read }: ReturnType<typeof startReading>,
  onText: (text: string) => void = () => {},
): Promise<Streamed> => {
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${await textOf(answer)}`)
  answer.setEncoding("latin1")
  answer.on("data", (text: string) => {
    read(text)
    onText(text)
  })
  await once(answer, "end")
  return found
}
