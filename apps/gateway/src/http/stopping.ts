import type { Server } from "node:http"
import type { Socket } from "node:net"
import { Fault } from "@twolane/protocol"
import type { FastifyInstance } from "fastify"

/** Refuses what comes after the gateway began to stop, and lets go of each connection with its answer. */
export const refuseWhenStopping = (app: FastifyInstance, stopping: AbortSignal): void => {
  app.addHook("onRequest", (_request, _reply, done) => {
    if (stopping.aborted)
      throw new Fault("shutting-down", "Another gateway, or this one in a moment, answers.")
    done()
  })
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (stopping.aborted) reply.header("connection", "close")
    done(null, payload)
  })
  dropUnused(app.server, stopping)
}

/** Clients open connections in advance; node counts one that never carried a request as busy, and would wait for it. */
const dropUnused = (server: Server, stopping: AbortSignal): void => {
  const unused = new Set<Socket>()
  server.on("connection", socket => {
    unused.add(socket)
    socket.once("close", () => unused.delete(socket))
  })
  server.on("request", ({ socket }) => unused.delete(socket))
  server.on("upgrade", ({ socket }) => unused.delete(socket))
  const drop = () => {
    for (const socket of unused) socket.destroy()
  }
  stopping.addEventListener("abort", drop, { once: true })
}
