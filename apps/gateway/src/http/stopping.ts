import { Fault } from "@twolane/protocol"
import type { FastifyInstance } from "fastify"

/** Refuses what comes after the gateway began to stop: kept-alive connections may still send. */
export const refuseWhenStopping = (app: FastifyInstance, stopping: AbortSignal): void => {
  app.addHook("onRequest", async (_request, reply) => {
    if (!stopping.aborted) return
    reply.header("connection", "close")
    throw new Fault("shutting-down", "Another gateway, or this one in a moment, answers.")
  })
}
