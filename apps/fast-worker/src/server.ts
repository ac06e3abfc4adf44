import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { Ways, WorkerHandle } from "@twolane/store"
import type { FastDeps } from "./fast-deps.ts"
import { listenOnTcp } from "./listen-tcp.ts"
import { refuse } from "./refuse.ts"
import { serveTurn } from "./serve-turn.ts"
import { keepStops, type Stops } from "./stops.ts"
import { readWish } from "./turn-wish.ts"

/** How long a gateway may take to read the last of its streams. */
const lastBytesMs = 1_000

/** A worker's server. Disposing it ends the streams whose turns wait or went elsewhere. */
export type TurnServer = AsyncDisposable & {
  /** How gateways reach it. */
  ways: Ways
  /** Takes turns from now on; those that came before wait for it. */
  serve(handle: WorkerHandle): void
}

/**
 * Listens for turns on a unix socket, and on TCP where the fleet has other hosts: `POST /turns` answers the turn's event stream, byte for
 * byte as its caller gets it, or 409 with a `Refusal`; `GET /stops` becomes a line over which those that run here are interrupted.
 */
export const listenForTurns = async (deps: FastDeps, socket: string): Promise<TurnServer> => {
  const stop = new AbortController()
  const answers = new Set<Promise<void>>()
  const stops = keepStops()
  const handle = Promise.withResolvers<WorkerHandle>()
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const answered = answer({ deps, handle: handle.promise, stops, stopping: stop.signal }, request, response)
      .catch((error: unknown) => {
        deps.log.error({ error }, "a direct turn broke off")
        response.destroy()
      })
      .finally(() => answers.delete(answered))
    answers.add(answered)
  }
  const local = createServer(onRequest)
  await new Promise<void>((resolve, reject) => {
    local.once("error", reject)
    local.listen(socket, resolve)
  })
  const { fleet } = deps.config
  const remote = fleet === null ? null : await listenOnTcp(deps, fleet, onRequest)
  const servers = remote === null ? [local] : [local, remote.server]
  for (const server of servers) {
    // A gateway keeps its connections open; a stream ends with its turn.
    server.keepAliveTimeout = 60_000
    server.requestTimeout = 10_000
    server.on("upgrade", (request, socket) => upgrade(request, socket, stops))
  }
  return {
    ways: { socket, ...(remote === null ? {} : { tcp: remote.address }) },
    serve: handle.resolve,
    [Symbol.asyncDispose]: async () => {
      stop.abort({ by: "shutdown" })
      const closed = servers.map(server => new Promise(resolve => server.close(resolve)))
      await Promise.allSettled(answers)
      stops[Symbol.dispose]()
      // A gateway's kept connection is idle once it has read its stream's end.
      const closing = setInterval(() => {
        for (const server of servers) server.closeIdleConnections()
      }, 10)
      const late = setTimeout(() => {
        for (const server of servers) server.closeAllConnections()
      }, lastBytesMs)
      await Promise.all(closed)
      clearInterval(closing)
      clearTimeout(late)
    },
  }
}

type Parts = { deps: FastDeps; handle: Promise<WorkerHandle>; stops: Stops; stopping: AbortSignal }

const answer = async (
  { deps, handle, stops, stopping }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (request.method !== "POST" || request.url !== "/turns") return refuse(response, 404, {})
  const wish = await readWish(request)
  if (wish === null) return refuse(response, 400, {})
  const turn = await (await handle).claim(
    { ...wish, goesOn: wish.onDisconnect === "continue" },
    deps.warm.known(wish),
  )
  if ("refused" in turn) return refuse(response, 409, turn)
  await serveTurn({ deps, wish, response, stops }, turn, stopping)
}

/** A refusal is a plain answer: Node reads no second request from such a connection. */
const upgrade = ({ url, headers }: IncomingMessage, socket: Duplex, stops: Stops): void => {
  if (url !== "/stops" || headers.upgrade !== "twolane-stops")
    return void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
  socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: twolane-stops\r\n\r\n")
  stops.serve(socket)
}
