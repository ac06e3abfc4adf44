import type { LiveEnvelope } from "@twolane/protocol"
import type { FastifyRequest } from "fastify"
import type { App } from "../http/app.ts"
import { callInside, type RouteAnswer } from "../inside/call-inside.ts"

/** A request of a live socket that is a call of the HTTP API. */
export type LiveCall = Exclude<LiveEnvelope, { type: "subscribe" | "unsubscribe" }>

/** Sends a request of a live socket through the route of the same name, as who opened the socket. */
export const callRoute = (
  app: App,
  opened: FastifyRequest,
  call: LiveCall,
  signal: AbortSignal,
): Promise<RouteAnswer> => {
  const { body, idempotencyKey } = call
  return callInside(
    app,
    opened,
    { method: "POST", url: pathOf(call), body, idempotencyKey, origin: originOf(opened) },
    signal,
  )
}

const pathOf = (call: LiveCall): string => {
  switch (call.type) {
    case "submit":
      return `/v1/tasks${queryOf(call)}`
    case "turn":
      return `${pathOfTask(call.task)}/turns${queryOf(call)}`
    case "gate":
      return `${pathOfTask(call.task)}/gates/${encodeURIComponent(call.gate)}`
    default:
      return `${pathOfTask(call.task)}/${call.type}`
  }
}

const pathOfTask = (task: string): string => `/v1/tasks/${encodeURIComponent(task)}`

const queryOf = ({ onDisconnect }: { onDisconnect?: "continue" | undefined }): string =>
  onDisconnect === undefined ? "" : `?onDisconnect=${onDisconnect}`

/** A browser cannot add a header to an upgrade: it says its origin in the address. */
const originOf = ({ query }: FastifyRequest): string | undefined => (query as { origin?: string }).origin
