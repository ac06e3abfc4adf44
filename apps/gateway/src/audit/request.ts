import type { AuditRecord } from "@twolane/protocol"
import type { FastifyRequest } from "fastify"
import type { Caller } from "../http/auth.ts"
import { originOf } from "../submit/submit.ts"

const maxHeaderChars = 200

/** The route that a request came to, as `actions` and `roles` name it. */
export const routeOf = ({ method, routeOptions }: FastifyRequest): string =>
  `${method} ${routeOptions.url ?? ""}`

/** Where a request came from. What a proxy says of it is kept as what it is: somebody's word. */
export const fromOf = (
  request: FastifyRequest,
  caller: Pick<Caller, "session"> | null,
): AuditRecord["from"] => {
  const { "x-forwarded-for": forwarded, "user-agent": agent } = request.headers
  return {
    via: viaOf(request, caller),
    origin: originOf(request),
    address: request.ip,
    ...(forwarded === undefined ? {} : { forwarded: String(forwarded).slice(0, maxHeaderChars) }),
    ...(agent === undefined ? {} : { agent: agent.slice(0, maxHeaderChars) }),
  }
}

/** Of a request that nobody is known to have sent: what it tried. */
const viaOf = (
  { headers }: FastifyRequest,
  caller: Pick<Caller, "session"> | null,
): AuditRecord["from"]["via"] => {
  if (caller !== null) return caller.session === null ? "key" : "session"
  if (headers.authorization !== undefined) return "key"
  return headers.cookie === undefined ? "none" : "session"
}
