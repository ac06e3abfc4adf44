import type { Socket } from "node:net"
import type { Logger } from "@twolane/common"
import { Fault, type FaultCode, newId, problemOf } from "@twolane/protocol"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { faultOf, problemType } from "./problem.ts"

/**
 * Answers whatever a route throws, and every path without a route, with a problem document. `onFault` hears of what a route threw, before
 * it is answered.
 */
export const answerErrors = (
  app: FastifyInstance,
  log: Logger,
  onFault: (request: FastifyRequest, code: FaultCode) => void,
): void => {
  app.setErrorHandler((error, request, reply) => {
    onFault(request, faultOf(error).code)
    return sendProblem(error, request, reply, log)
  })
  app.setNotFoundHandler((request, reply) =>
    sendProblem(new Fault("not-found", "There is no such route."), request, reply, log),
  )
}

/** Sends the problem document of an error; what nobody foresaw goes to the log. */
export const sendProblem = (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply => {
  const fault = faultOf(error)
  if (fault.code === "internal") {
    const route = request.routeOptions.url ?? "none"
    log.error(
      { requestId: request.id, method: request.method, route, error: fault.cause ?? fault },
      "request failed",
    )
  }
  const problem = problemOf(fault, request.id)
  if (problem.retryable && !reply.hasHeader("retry-after")) reply.header("retry-after", "1")
  return reply
    .header("x-request-id", request.id)
    .code(problem.status)
    .type(problemType)
    .serializer(JSON.stringify)
    .send(problem)
}

/** Answers what is not HTTP, or came too slowly, and closes the connection: no request exists then. */
export const refuseBrokenHttp = (error: Error & { code?: string }, socket: Socket): void => {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy()
    return
  }
  const fault = connectionFaults[error.code ?? ""] ?? { code: "bad-request", detail: "This is not HTTP." }
  const problem = problemOf(new Fault(fault.code, fault.detail), newId("req"))
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ]
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy())
}

const connectionFaults: Record<string, { code: FaultCode; detail: string } | undefined> = {
  ERR_HTTP_REQUEST_TIMEOUT: { code: "request-timeout", detail: "Send the request faster." },
  HPE_HEADER_OVERFLOW: { code: "headers-too-large", detail: "Send fewer headers." },
}
