import type { FastifyRequest } from "fastify"
import type { App } from "../http/app.ts"
import { csrfHeader } from "../http/auth.ts"

/** A request of our own, sent for somebody who has a longer conversation open. */
export type InsideCall = {
  method: "GET" | "POST"
  url: string
  body?: unknown
  idempotencyKey?: string | undefined
  /** What stands in a task's `origin`. */
  origin?: string | undefined
}

/** What a call takes over from the request that it is sent for. */
export type Opened = Pick<FastifyRequest, "id" | "headers" | "caller" | "ip">

/** How a route answered; `body` is JSON, text, or empty. */
export type RouteAnswer = {
  status: number
  body: string
  replayed: boolean
  retryAfterSeconds: number | undefined
}

/**
 * Sends a request through its route as who sent `opened` (see docs/decisions/011): it is checked, limited, recorded, made once and
 * answered there, as over HTTP.
 */
export const callInside = async (
  app: App,
  opened: Opened,
  call: InsideCall,
  signal: AbortSignal,
): Promise<RouteAnswer> => {
  const { statusCode, headers, payload } = await app.inject({
    method: call.method,
    url: call.url,
    headers: {
      ...saidBy(opened),
      accept: "application/json",
      ...(call.body === undefined ? {} : { "content-type": "application/json" }),
      ...(call.origin === undefined ? {} : { "twolane-origin": call.origin }),
      ...(call.idempotencyKey === undefined ? {} : { "idempotency-key": call.idempotencyKey }),
    },
    ...(call.body === undefined ? {} : { payload: JSON.stringify(call.body) }),
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

/** What the request said beside how it was sent. */
const saidBy = ({ headers, caller }: Opened): Record<string, string | string[]> => {
  const csrf = caller?.session?.csrf
  const said = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || ofTransport.test(name) ? [] : [[name, value] as const],
  )
  return {
    ...Object.fromEntries(said),
    // Where it came from was checked, and nobody else writes to this conversation.
    ...(csrf === undefined ? {} : { [csrfHeader]: csrf }),
  }
}

const ofTransport =
  /^(?:connection|upgrade|sec-websocket-.*|content-.*|transfer-encoding|accept.*|idempotency-key|last-event-id|mcp-.*)$/
