import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from "node:http"
import { Socket } from "node:net"
import type { FastifyInstance } from "fastify"
import helmet, { type HelmetOptions } from "helmet"

/** Sets Helmet's headers on every answer. They are the same for all, so Helmet is asked once and not by each request. */
export const setSecurityHeaders = (app: FastifyInstance, options: HelmetOptions): void => {
  const headers = headersOf(options)
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
}

/** What Helmet sets on an answer that nobody gets. */
const headersOf = (options: HelmetOptions): OutgoingHttpHeaders => {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(options)(request, response, error => {
    if (error !== undefined) throw error
  })
  return { ...response.getHeaders() }
}
