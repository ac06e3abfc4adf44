import { timingSafeEqual } from "node:crypto"
import { type Actor, Fault, type Role } from "@twolane/protocol"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import type { Access } from "../access/access.ts"
import { readCookie } from "../access/cookie.ts"
import { sha256 } from "../access/secrets.ts"
import { refuseForeign, safeMethods, siteOf } from "../access/site.ts"
import type { Gateway } from "../gateway.ts"

/** Who calls: the actor that events name, the team whose things it sees, and what it may do. */
export type Caller = {
  actor: Actor
  team: string
  role: Role
  email: string | null
  /** The key of the settings. */
  isOperator: boolean
  /** A person on the page; null for a key. */
  session: { digest: string; csrf: string; signedInAt: number; endsAt: number } | null
}

/** The team of the first start. */
export const defaultTeam = "default"

/** Whether somebody may see to what all teams share: the key of the settings, and the admins of the team of the first start. */
export const operates = ({ isOperator, team, role }: Caller): boolean =>
  isOperator || (team === defaultTeam && role === "admin")

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the authentication of every `/v1` route. */
    caller: Caller | null
    /** How what lasts is ended when its caller may not stay; null: its connection is cut. */
    sendAway: (() => void) | null
  }
}

/** What authentication works with. */
export type Doorkeeper = Pick<Gateway, "access" | "attendance" | "config">

/** Requires a bearer key or a session on every route of `app`. */
export const requireCaller = (app: FastifyInstance, gateway: Doorkeeper): void => {
  app.addHook("onRequest", async (request, reply) => {
    request.caller = await authenticate(gateway, request)
    if (request.caller !== null) return stay(gateway, request.caller, request, reply)
    reply.header("www-authenticate", 'Bearer realm="twolane"')
    throw new Fault(
      "unauthorized",
      "Send the API key as Authorization: Bearer <key>, or sign in on the page (twolane sign-in).",
    )
  })
}

/** What takes long is cut off when its key is revoked. */
const stay = (
  { attendance }: Doorkeeper,
  caller: Caller,
  request: FastifyRequest,
  { raw }: FastifyReply,
): void => {
  const visit = attendance.attend(caller, () => {
    if (request.sendAway === null) raw.destroy()
    else request.sendAway()
  })
  raw.once("close", () => visit[Symbol.dispose]())
}

/**
 * Who sends a request, by its key or, without one, by its session; an upgrade to WebSocket too. A key is sent on purpose; a browser adds
 * its cookie to whatever a page makes it send, so that only what our own page sent counts.
 * @throws Fault unknown-host, foreign-origin
 */
export const authenticate = async (
  { access, config }: Pick<Doorkeeper, "access" | "config">,
  request: FastifyRequest,
): Promise<Caller | null> => {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) return await byKey(access, authorization)
  if (cookie === undefined) return null
  const origin = siteOf(config, request)
  const token = readCookie(cookie, origin)
  if (token === null) return null
  refuseForeign(request, origin)
  const caller = await access.bySession(token)
  // A page cannot add a header to an upgrade; its origin was checked.
  if (caller?.session != null && !safeMethods.has(request.method)) checkWord(request, caller.session.csrf)
  return caller
}

/** What came with a key or session that has just ended ends too: here at once, in other gateways when they look. */
export const sendAway = ({ access, attendance }: Doorkeeper, { raw }: FastifyReply): void => {
  access.forget()
  // Once whoever ended it has the answer: it may have come with that very key.
  raw.once("close", () => attendance.look())
}

const byKey = async (access: Access, authorization: string): Promise<Caller | null> => {
  const key = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1]
  return key === undefined ? null : await access.byKey(key)
}

/** The header that every effect of a session carries; `GET /v1/me` says what stands in it. */
export const csrfHeader = "x-twolane-csrf"

const checkWord = ({ headers }: FastifyRequest, csrf: string): void => {
  const said = headers[csrfHeader]
  if (typeof said === "string" && timingSafeEqual(sha256(said), sha256(csrf))) return
  throw new Fault("foreign-origin", `Send the session's word as ${csrfHeader}; GET /v1/me has it.`)
}

/** Whose idempotency keys a caller's are. */
export const keyOwner = ({ team, actor }: Pick<Caller, "actor" | "team">): string => `${team}/${actor.key}`

/** The caller of a request that passed `requireCaller`. */
export const callerOf = (request: FastifyRequest): Caller => {
  if (request.caller === null) throw new Error("the route is not behind requireCaller")
  return request.caller
}
