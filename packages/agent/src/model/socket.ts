import { once } from "node:events"
import type { IncomingMessage } from "node:http"
import { type RawData, WebSocket } from "ws"
import { authorization, routeUrl } from "./body.ts"
import { broken, type CallFailure, failureOf, readErrorBody } from "./failure.ts"
import type { ModelEndpoint } from "./port.ts"
import { headerOf } from "./post.ts"
import type { ModelTiming } from "./timing.ts"

/** A connection to the model. `onText` and `onClosed` are whoever's call is under way. */
export type Socket = {
  readonly openedAt: number
  isOpen(): boolean
  send(text: string): void
  listen(listener: { onText: (text: string) => void; onClosed: (why: string) => void } | null): void
  /** Ends it at once, without a farewell. */
  terminate(): void
}

/** How opening a socket can fail; `refused` says that the provider answered the upgrade with something else. */
export type SocketFailure = CallFailure & { refused: boolean }

/** Opens a WebSocket to the Responses API. Rejects only with the signal's reason. */
export const openSocket = async (
  endpoint: ModelEndpoint,
  timing: ModelTiming,
  signal: AbortSignal,
): Promise<{ ok: true; socket: Socket } | SocketFailure> => {
  signal.throwIfAborted()
  const url = routeUrl(endpoint.baseUrl, "responses")
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
  const socket = new WebSocket(url, {
    headers: { ...authorization(endpoint.apiKey), "user-agent": "twolane" },
    handshakeTimeout: timing.connectMs,
    perMessageDeflate: false,
  })
  const failure = Promise.withResolvers<SocketFailure>()
  // Without a listener an error would end the process; it stays for the socket's whole life.
  socket.on("error", error =>
    failure.resolve({ ...broken(`the socket to the model broke: ${error.message}`), refused: false }),
  )
  socket.on("unexpected-response", (_request, response) => {
    void readRefusal(response).then(failure.resolve)
  })
  const onAbort = () => socket.terminate()
  signal.addEventListener("abort", onAbort, { once: true })
  const opened = once(socket, "open").then(
    () => null,
    () => failure.promise,
  )
  const failed = await Promise.race([opened, failure.promise])
  signal.removeEventListener("abort", onAbort)
  if (failed === null && !signal.aborted) return { ok: true, socket: wrap(socket, timing) }
  socket.terminate()
  signal.throwIfAborted()
  return failed ?? { ...broken("the socket to the model was closed"), refused: false }
}

/** Reads what a plain answer to the upgrade says. Never rejects. */
const readRefusal = async (response: IncomingMessage): Promise<SocketFailure> => {
  const status = response.statusCode ?? 0
  let body = ""
  try {
    for await (const chunk of response.setEncoding("utf8") as AsyncIterable<string>) {
      body += chunk
      if (body.length > 16_384) break
    }
  } catch {
    // The status says enough.
  }
  const failure = failureOf(readErrorBody(body, { status, header: headerOf(response) }))
  // Too busy, or ill, is not the same as not speaking it.
  const refused = status !== 429 && status !== 408 && (status < 500 || status === 501 || status === 505)
  if (!refused || failure.code === "model-auth") return { ...failure, refused }
  const detail = `the provider refused the WebSocket (HTTP ${status}); the transports auto and sse do without it`
  return { ok: false, code: "model-unavailable", detail, retryable: false, refused }
}

/** Keeps the connection under watch: one that answers neither data nor pings is ended, so that no call waits on a dead one. */
const wrap = (socket: WebSocket, timing: ModelTiming): Socket => {
  let listener: Parameters<Socket["listen"]>[0] = null
  let quiet = 0
  const ping = setInterval(() => {
    quiet += 1
    if (quiet > 2) socket.terminate()
    else socket.ping()
  }, timing.pingMs)
  ping.unref()
  socket.on("pong", () => {
    quiet = 0
  })
  socket.on("message", data => {
    quiet = 0
    listener?.onText(textOf(data))
  })
  socket.on("close", (code, reason) => {
    clearInterval(ping)
    listener?.onClosed(`the socket to the model was closed (${code} ${reason.toString()})`.replace(" )", ")"))
  })
  return {
    openedAt: performance.now(),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    send: text => socket.send(text, () => {}), // a failed write is followed by the close
    listen: next => {
      listener = next
    },
    terminate: () => socket.terminate(),
  }
}

/** Without a copy: there is one for each token. */
const textOf = (data: RawData): string => {
  if (Buffer.isBuffer(data)) return data.toString()
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)).toString()
}
