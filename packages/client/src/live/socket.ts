import type { LiveMessage, LiveRequest } from "@twolane/protocol"
import { type ClientProblem, problemFrom, Unreachable } from "../problem.ts"
import type { Transport } from "../transport.ts"

/** The gateway says something at least every 10 s: a connection that is silent for so long is dead. */
const silentMs = 30_000

/** One open WebSocket of a gateway. */
export type LiveSocket = {
  send(request: LiveRequest): void
  close(): void
  /** Resolves when it is closed, with the code; `notOurs` when something else than a gateway's messages came. */
  readonly closed: Promise<number>
}

/** What closes a socket over which somebody else speaks. */
export const notOurs = 4400

/** Browsers take protocols alone as the second argument, and send the session's cookie by themselves; Node takes headers. */
type WithHeaders = new (url: string, init?: { headers: Record<string, string> }) => WebSocket

/**
 * Opens a WebSocket; the signal closes it.
 * @throws ClientProblem when the gateway refuses it, Unreachable
 */
export const openSocket = async (
  transport: Transport,
  onMessage: (message: LiveMessage) => void,
  signal: AbortSignal,
): Promise<LiveSocket> => {
  const { authorization } = transport.headers
  const url = urlOf(transport)
  const socket =
    authorization === undefined
      ? new WebSocket(url)
      : new (WebSocket as WithHeaders)(url, { headers: { authorization } })
  let isOurs = true
  const closed = new Promise<number>(resolve =>
    socket.addEventListener("close", ({ code }) => resolve(isOurs ? code : notOurs), { once: true }),
  )
  const close = () => socket.close(1000)
  let silence: ReturnType<typeof setTimeout> | undefined
  const listen = () => {
    clearTimeout(silence)
    silence = setTimeout(close, silentMs)
  }
  socket.addEventListener("message", ({ data }) => {
    listen()
    const message = isOurs ? readMessage(data) : null
    if (message !== null) return onMessage(message)
    isOurs = false
    socket.close(notOurs)
  })
  signal.addEventListener("abort", close, { once: true })
  void closed.then(() => {
    clearTimeout(silence)
    signal.removeEventListener("abort", close)
  })
  listen()
  await opened(socket, transport, closed)
  return { send: request => socket.send(JSON.stringify(request)), close, closed }
}

/** A message; null for what no gateway says. */
const readMessage = (data: unknown): LiveMessage | null => {
  if (typeof data !== "string") return null
  try {
    const value: unknown = JSON.parse(data)
    return isMessage(value) ? value : null
  } catch {
    return null // no JSON
  }
}

const isMessage = (value: unknown): value is LiveMessage => {
  if (!isRecord(value)) return false
  const { id, event, stopped } = value
  if (event !== undefined)
    return isRecord(event) && typeof event.type === "string" && typeof event.task === "string"
  if (stopped !== undefined) return isRecord(stopped) && isRecord(stopped.problem)
  return "beat" in value || id === null || typeof id === "string"
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null

const opened = async (socket: WebSocket, transport: Transport, closed: Promise<number>): Promise<void> => {
  const open = new Promise<true>(resolve =>
    socket.addEventListener("open", () => resolve(true), { once: true }),
  )
  const isOpen = await Promise.race([open, closed.then(() => false)])
  if (!isOpen) throw await whyRefused(transport)
}

/** A WebSocket does not tell why it was refused; the same address over HTTP does. */
const whyRefused = async (transport: Transport): Promise<ClientProblem | Unreachable> => {
  const { baseUrl, headers, send } = transport
  try {
    const response = await send(new Request(`${baseUrl}/v1/live`, { headers }))
    const body: unknown = await response.json().catch(() => null)
    const problem = problemFrom(response, body)
    return problem.code === "upgrade-required" ? new Unreachable(baseUrl, new Error("no WebSocket")) : problem
  } catch (error) {
    return error instanceof Unreachable ? error : new Unreachable(baseUrl, error)
  }
}

const urlOf = ({ baseUrl, headers }: Transport): string => {
  const origin = headers["twolane-origin"]
  const query = origin === undefined ? "" : `?origin=${origin}`
  return `${baseUrl.replace(/^http/, "ws")}/v1/live${query}`
}
