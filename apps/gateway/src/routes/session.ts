import { Fault, Me, SignInLink, SignInLinkRequest, SignInRequest } from "@twolane/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import { z } from "zod"
import { readCookie, writeCookie } from "../access/cookie.ts"
import { csrfOf, digestOf, newSecret } from "../access/secrets.ts"
import { refuseForeign, type Site, siteOf } from "../access/site.ts"
import { audited } from "../audit/audited.ts"
import { fromOf } from "../audit/request.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { type Caller, callerOf, operates, sendAway } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { requireRole } from "../http/roles.ts"
import { NoQuery, problems } from "../http/schemas.ts"

/** A session ends after so long, however often it is used. */
const sessionMs = 14 * 24 * 3_600_000
/** A link for oneself is used at once; an invitation waits for somebody to read it. */
const linkMs = { own: 15 * 60_000, invitation: 3 * 24 * 3_600_000 }

const done = { 204: z.undefined().describe("Done."), ...problems }

/** Signing in: the one route of a session that asks for no key. */
export const signInRoute = (app: App, gateway: Gateway): void => {
  app.post(
    "/v1/session",
    {
      schema: {
        summary: "Sign in on the page, with what stands behind the # of a sign-in link",
        tags: ["access"],
        security: [],
        body: SignInRequest,
        response: { 200: Me, ...problems },
      },
    },
    async (request, reply) => {
      const origin = siteOf(gateway.config, request)
      refuseForeign(request, origin)
      const caller = await signIn(gateway, request)
      await leaveOld(gateway, request, origin)
      const token = newSecret()
      const signedInAt = gateway.store.now()
      const session = { key: caller.actor.key, signedInAt, endsAt: signedInAt + sessionMs }
      await gateway.store.access.createSession(digestOf(token), session)
      setCookie(reply, origin, token, sessionMs)
      return meOf({ ...caller, session: { ...session, digest: digestOf(token), csrf: csrfOf(token) } })
    },
  )
}

/** @throws Fault link-not-valid */
const signIn = async (
  { store, access, log }: Gateway,
  request: FastifyRequest<{ Body: SignInRequest }>,
): Promise<Caller> => {
  const link = await store.access.takeLink(digestOf(request.body.token))
  const caller = link === null ? null : await access.byId(link.key)
  if (link !== null && caller !== null) {
    await store.audit.append(caller.team, [
      {
        action: "session.begin",
        by: caller.actor,
        from: { ...fromOf(request, caller), via: "link" },
        object: { kind: "key", id: caller.actor.key },
        detail: { linkBy: link.by },
        request: request.id,
      },
    ])
    return caller
  }
  log.warn({ requestId: request.id, address: request.ip }, "sign-in link refused")
  throw new Fault("link-not-valid", "Ask for a new one: twolane sign-in.")
}

/** A browser that signs in again leaves no session behind. */
const leaveOld = async ({ store }: Gateway, { headers }: FastifyRequest, origin: Site): Promise<void> => {
  const token = readCookie(headers.cookie, origin)
  if (token !== null) await store.access.endSession(digestOf(token))
}

const setCookie = (reply: FastifyReply, origin: Site, token: string, maxAgeMs: number): void =>
  void reply.header("set-cookie", writeCookie(origin, token, maxAgeMs)).header("cache-control", "no-store")

/** Who one is, signing out, and links to sign in elsewhere. */
export const sessionRoutes = (app: App, gateway: Gateway): void => {
  const { store, config } = gateway
  app.get(
    "/v1/me",
    {
      schema: {
        summary: "Who calls",
        tags: ["access"],
        querystring: NoQuery,
        response: { 200: Me, ...problems },
      },
    },
    async (request, reply) => {
      reply.header("cache-control", "no-store")
      return meOf(callerOf(request))
    },
  )
  app.delete(
    "/v1/session",
    { schema: { summary: "Sign out", tags: ["access"], response: done } },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const { session } = callerOf(request)
        if (session === null) throw new Fault("not-found", "A key has no session.")
        await store.access.endSession(session.digest)
        sendAway(gateway, reply)
        setCookie(reply, siteOf(config, request), "", 0)
        return reply.code(204).send()
      }),
  )
  app.delete(
    "/v1/sessions",
    { schema: { summary: "Sign out everywhere", tags: ["access"], response: done } },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const { actor, session } = callerOf(request)
        await store.access.endSessions(actor.key)
        sendAway(gateway, reply)
        if (session !== null) setCookie(reply, siteOf(config, request), "", 0)
        return reply.code(204).send()
      }),
  )
  app.post(
    "/v1/sign-in-links",
    {
      schema: {
        summary: "A link that signs in on the page, once",
        tags: ["access"],
        body: SignInLinkRequest,
        response: { 201: SignInLink, ...problems },
      },
    },
    (request, reply) => {
      reply.header("cache-control", "no-store")
      return answerOnce(gateway, request, reply, {
        subject: "",
        repeatable: true,
        secret: true,
        act: async () => {
          const caller = callerOf(request)
          const key = await keyFor(gateway, caller, request.body.key)
          const lifeMs = key === caller.actor.key ? linkMs.own : linkMs.invitation
          const token = newSecret()
          const base = config.publicUrl ?? siteOf(config, request).text
          await store.access.createLink(digestOf(token), { key, by: caller.actor.key }, lifeMs)
          const link = { url: `${base}/sign-in#${token}`, expiresAt: store.now() + lifeMs }
          return { status: 201, body: link }
        },
      })
    },
  )
}

/** @throws Fault forbidden, not-found */
const keyFor = async (
  { access }: Gateway,
  caller: Caller,
  wanted: string = caller.actor.key,
): Promise<string> => {
  if (wanted === caller.actor.key) return wanted
  requireRole(caller, "admin")
  const owner = await access.byId(wanted)
  // Nobody becomes the operator by a link that somebody else made.
  const mayInvite = owner !== null && !owner.isOperator && (owner.team === caller.team || caller.isOperator)
  if (!mayInvite) throw new Fault("not-found", "There is no such key.")
  return wanted
}

/** A caller as `GET /v1/me` answers it. */
export const meOf = (caller: Caller): Me => {
  const { actor, team, role, email, session } = caller
  return {
    key: { id: actor.key, name: actor.name, ...(email === null ? {} : { email }) },
    team,
    role,
    operates: operates(caller),
    session: session && { csrf: session.csrf, signedInAt: session.signedInAt, endsAt: session.endsAt },
  }
}
