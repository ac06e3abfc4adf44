import { once } from "node:events"
import { WebSocket } from "ws"
import { apiKey, type OpenGateway } from "./open-gateway.ts"

/** A message as it came down. */
export type Down = Record<string, unknown>

/** A live socket of a test. */
export type Live = AsyncDisposable & {
  readonly socket: WebSocket
  readonly messages: Down[]
  send(message: unknown): void
  /** Sends a request and waits for its answer. */
  ask(request: Record<string, unknown>): Promise<Down>
  /** Resolves when `enough` says so, or the socket has closed. */
  until(enough: () => boolean): Promise<void>
  /** The code that it was closed with. */
  readonly closed: Promise<number>
  /** The events so far. */
  events(): { id?: string; type: string; task: string }[]
}

/** Opens a live socket of a gateway. */
export const openLive = async (
  url: string,
  headers: Record<string, string | null> = {},
  query = "",
): Promise<Live> => {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/live${query}`, {
    headers: Object.fromEntries(
      Object.entries({ authorization: `Bearer ${apiKey}`, ...headers }).filter(([, value]) => value !== null),
    ),
  })
  const messages: Down[] = []
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const each of waiting) each()
  }
  let over = false
  const closed = new Promise<number>(resolve =>
    socket.once("close", code => {
      over = true
      wake()
      resolve(code)
    }),
  )
  socket.on("message", (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as Down)
    wake()
  })
  await once(socket, "open")
  socket.on("error", () => {})
  const until: Live["until"] = async enough => {
    while (!over && !enough())
      await new Promise<void>(resolve => {
        const done = () => {
          waiting.delete(done)
          resolve()
        }
        waiting.add(done)
      })
  }
  const answerTo = (id: unknown) =>
    messages.find(message => message.id === id && ("ok" in message || "problem" in message))
  return {
    socket,
    messages,
    send: message => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    ask: async request => {
      socket.send(JSON.stringify(request))
      await until(() => answerTo(request.id) !== undefined)
      return answerTo(request.id) ?? { closed: await closed }
    },
    until,
    closed,
    events: () =>
      messages.flatMap(({ event }) => (event === undefined ? [] : [event as { type: string; task: string }])),
    [Symbol.asyncDispose]: async () => {
      socket.terminate()
      await closed
    },
  }
}

/** How many live sockets a gateway counts. */
export const openSockets = async (gateway: OpenGateway): Promise<number> => {
  const { text } = await gateway.call("GET", "/metrics")
  return Number(/twolane_event_streams\{kind="live"\} (\d+)/.exec(text)?.[1])
}
