import { createHash, timingSafeEqual } from "node:crypto"
import { type Actor, Fault } from "@twolane/protocol"
import type { FastifyInstance, FastifyRequest } from "fastify"

/** Who calls: the actor that events name, and the team whose things it sees. */
export type Caller = { actor: Actor; team: string }

/** The team of the first start. */
export const defaultTeam = "default"

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the authentication of every `/v1` route. */
    caller: Caller | null
  }
}

/** Checks keys against hashes: the key itself is not kept. */
export type Keys = { callerOf(key: string): Caller | null }

/** The keys of a gateway that knows one admin key. */
export const adminKey = (apiKey: string): Keys => {
  const digest = sha256(apiKey)
  const actor = { key: `key_${digest.toString("hex").slice(0, 26)}`, name: "admin" }
  const caller = { actor, team: defaultTeam }
  return { callerOf: key => (timingSafeEqual(sha256(key), digest) ? caller : null) }
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest()

/** Requires a bearer key on every route of `app`. */
export const requireKey = (app: FastifyInstance, keys: Keys): void => {
  app.addHook("onRequest", async (request, reply) => {
    const key = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? "")?.[1]
    request.caller = key === undefined ? null : keys.callerOf(key)
    if (request.caller !== null) return
    reply.header("www-authenticate", 'Bearer realm="twolane"')
    throw new Fault("unauthorized", "Send the API key as Authorization: Bearer <key>.")
  })
}

/** The caller of a request that passed `requireKey`. */
export const callerOf = (request: FastifyRequest): Caller => {
  if (request.caller === null) throw new Error("the route is not behind requireKey")
  return request.caller
}
