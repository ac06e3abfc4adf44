import { once } from "node:events"
import { liveCloseCodes } from "@twolane/protocol"
import type { FastifyRequest } from "fastify"
import type { WebSocket } from "ws"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { type LiveSocket, serveLive } from "./serve-live.ts"

/** All live sockets of a gateway: one clock for their heartbeats, one place to end them. */
export type LiveSockets = {
  serve(app: App, socket: WebSocket, opened: FastifyRequest): void
  /** Resolves when none is left; called when the gateway stops. */
  closed(): Promise<void>
}

/** How long a peer may take to answer a close. */
const goodbyeMs = 1_000

/** Makes the place; its clock runs while there are sockets. */
export const liveSockets = (gateway: Gateway): LiveSockets => {
  const all = new Map<WebSocket, LiveSocket>()
  let clock: NodeJS.Timeout | undefined
  const beat = () => {
    for (const live of all.values()) live.beat()
  }
  const leave = (socket: WebSocket) => {
    all.delete(socket)
    gateway.metrics.streams.dec({ kind: "live" })
    if (all.size > 0) return
    clearInterval(clock)
    clock = undefined
  }
  return {
    serve: (app, socket, opened) => {
      const live = serveLive({ gateway, app, socket, opened })
      opened.sendAway = () =>
        live.wire.close(liveCloseCodes.unauthorized, "the key is not valid any more", { by: "superseded" })
      all.set(socket, live)
      gateway.metrics.streams.inc({ kind: "live" })
      clock ??= setInterval(beat, gateway.streams.timing.heartbeatMs)
      const drain = () => live.drain()
      gateway.stopping.addEventListener("abort", drain, { once: true })
      live.wire.signal.addEventListener("abort", () => sayGoodbye(socket), { once: true })
      socket.once("close", () => {
        gateway.stopping.removeEventListener("abort", drain)
        leave(socket)
      })
      if (gateway.stopping.aborted) drain()
    },
    closed: async () => {
      await Promise.all([...all.keys()].map(socket => once(socket, "close")))
    },
  }
}

/** Whatever ended it: a socket is closed, and its peer is not waited for much longer. */
const sayGoodbye = (socket: WebSocket): void => {
  if (socket.readyState === socket.CLOSED) return
  socket.close(1001, "the gateway stops; come back")
  const timer = setTimeout(() => socket.terminate(), goodbyeMs)
  socket.once("close", () => clearTimeout(timer))
}
