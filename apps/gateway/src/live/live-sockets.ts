import { once } from "node:events"
import { liveCloseCodes } from "@twolane/protocol"
import type { FastifyRequest } from "fastify"
import type { WebSocket } from "ws"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { isStillWelcome } from "./call-route.ts"
import { type LiveSocket, serveLive } from "./serve-live.ts"

/** All live sockets of a gateway: one clock for their heartbeats, one place to end them. */
export type LiveSockets = {
  serve(app: App, socket: WebSocket, opened: FastifyRequest): void
  /** Resolves when none is left; called when the gateway stops. */
  closed(): Promise<void>
}

type Served = { live: LiveSocket; checkCaller: () => Promise<void> }

/** Every so many beats a socket's caller is asked for again. */
const checkEveryBeats = 6
/** How long a peer may take to answer a close. */
const goodbyeMs = 1_000

/** Makes the place; its clock runs while there are sockets. */
export const liveSockets = (gateway: Gateway): LiveSockets => {
  const all = new Map<WebSocket, Served>()
  let clock: NodeJS.Timeout | undefined
  let beats = 0
  const beat = () => {
    beats += 1
    for (const { live, checkCaller } of all.values()) {
      live.beat()
      // Where it cannot be asked now, it is at the next time.
      if (beats % checkEveryBeats === 0) checkCaller().catch(() => undefined)
    }
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
      const checkCaller = async () => {
        if (!(await isStillWelcome(app, opened, live.wire.signal)))
          live.wire.close(liveCloseCodes.unauthorized, "the key is not valid any more", { by: "superseded" })
      }
      all.set(socket, { live, checkCaller })
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
