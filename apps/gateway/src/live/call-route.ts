import type { LiveEnvelope } from "@twolane/protocol"
import type { FastifyRequest } from "fastify"
import type { App } from "../http/app.ts"
import { csrfHeader } from "../http/auth.ts"

/** A request of a live socket that is a call of the HTTP API. */
export type LiveCall = Exclude<LiveEnvelope, { type: "subscribe" | "unsubscribe" }>

/** How a route answered; `body` is JSON, or empty. */
export type RouteAnswer = {
  status: number
  body: string
  replayed: boolean
  retryAfterSeconds: number | undefined
}

/**
 * Sends a request of a live socket through the route of the same name, as who opened the socket: it is checked, limited, made once and
 * answered there, as over HTTP.
 */
export const callRoute = async (
  app: App,
  opened: FastifyRequest,
  call: LiveCall,
  signal: AbortSignal,
): Promise<RouteAnswer> => {
  const { statusCode, headers, payload } = await app.inject({
    method: "POST",
    url: pathOf(call),
    headers: {
      ...headersOf(opened),
      "content-type": "application/json",
      accept: "application/json",
      ...(call.idempotencyKey === undefined ? {} : { "idempotency-key": call.idempotencyKey }),
    },
    payload: JSON.stringify(call.body),
    remoteAddress: opened.ip,
    signal,
  })
  const retryAfter = headers["retry-after"]
  return {
    status: statusCode,
    body: payload,
    replayed: headers["idempotent-replay"] !== undefined,
    retryAfterSeconds: retryAfter === undefined ? undefined : Number(retryAfter),
  }
}

/** Whether the caller who opened the socket is still let in: a key may have been taken away since. */
export const isStillWelcome = async (app: App, opened: FastifyRequest): Promise<boolean> => {
  const { statusCode } = await app.inject({ method: "GET", url: "/v1/live", headers: headersOf(opened) })
  return statusCode !== 401 && statusCode !== 403
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

/** What the upgrade said beside how it was sent. */
const headersOf = ({ headers, query, caller }: FastifyRequest): Record<string, string | string[]> => {
  const { origin } = query as { origin?: string }
  const csrf = caller?.session?.csrf
  const said = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || ofTransport.test(name) ? [] : [[name, value] as const],
  )
  return {
    ...Object.fromEntries(said),
    ...(origin === undefined ? {} : { "twolane-origin": origin }),
    // Where the upgrade came from was checked, and nobody else writes to this socket.
    ...(csrf === undefined ? {} : { [csrfHeader]: csrf }),
  }
}

const ofTransport =
  /^(?:connection|upgrade|sec-websocket-.*|content-.*|transfer-encoding|accept.*|idempotency-key|last-event-id)$/
