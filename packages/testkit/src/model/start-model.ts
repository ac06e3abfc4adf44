import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { WebSocketServer } from "ws"
import { errorBody } from "./api-error.ts"
import { asApiError, checkKey, serveHttp } from "./http.ts"
import { type Model, type ModelOptions, makeModel } from "./model.ts"
import type { RecordedRequest } from "./record.ts"
import { serveSocket } from "./socket.ts"

/** A simulated model that listens on the loopback address. */
export type ModelServer = AsyncDisposable & {
  /** The base URL to configure, such as `http://127.0.0.1:40123/v1`. */
  readonly url: string
  /** What was received, oldest first. */
  readonly requests: readonly RecordedRequest[]
  /** The next request that comes in. */
  nextRequest(): Promise<RecordedRequest>
  /** How many sockets are open. */
  connections(): number
  /** How many sockets were asked for, those that were refused included. */
  upgrades(): number
  /** Cuts every WebSocket, as a restart of the service would. */
  dropConnections(): void
  stop(): Promise<void>
}

/** Starts a simulated model: the Responses API over HTTP and WebSocket, and Chat Completions. */
export const startModel = async (options: ModelOptions & { port?: number }): Promise<ModelServer> => {
  const model = makeModel(options)
  const server = createServer((request, response) => void serveHttp(model, request, response))
  // As long as providers do: Node's 5 s would cut callers that come back after just that time.
  server.keepAliveTimeout = 60_000
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  let connections = 0
  let upgrades = 0
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrades += 1
    socket.on("error", () => socket.destroy())
    const refusal = refuseUpgrade(model, request)
    if (refusal !== null) return void socket.end(refusal)
    sockets.handleUpgrade(request, socket, head, client => {
      connections += 1
      serveSocket(model, client, socket, connections)
    })
  })
  server.listen(options.port ?? 0, "127.0.0.1")
  await once(server, "listening")
  const dropConnections = () => {
    for (const client of sockets.clients) client.terminate()
  }
  const stop = async () => {
    dropConnections()
    if (!server.listening) return
    const closed = once(server, "close")
    server.close()
    server.closeAllConnections()
    await closed
  }
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port")
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    requests: model.recorder.requests,
    nextRequest: model.recorder.next,
    connections: () => sockets.clients.size,
    upgrades: () => upgrades,
    dropConnections,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** The plain HTTP answer to an upgrade that is refused, or null. */
const refuseUpgrade = (model: Model, request: IncomingMessage): string | null => {
  const { transports, apiKey } = model.options
  const path = new URL(request.url ?? "/", "http://localhost").pathname
  if (path !== "/v1/responses" || transports?.includes("websocket") === false)
    return plainAnswer("404 Not Found", "{}")
  try {
    checkKey(apiKey, request)
    return null
  } catch (error) {
    return plainAnswer("401 Unauthorized", JSON.stringify({ error: errorBody(asApiError(error)) }))
  }
}

const plainAnswer = (status: string, body: string): string =>
  `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
