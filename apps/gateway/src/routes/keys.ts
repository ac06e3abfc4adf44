import { Fault, Key, KeyRequest, newId, TeamName } from "@twolane/protocol"
import { z } from "zod"
import { digestOf, newSecret } from "../access/secrets.ts"
import { teamFor } from "../access/team-for.ts"
import { audited } from "../audit/audited.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf, sendAway } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { KeyPath, listOf, PageQuery, pageAsked, problems } from "../http/schemas.ts"

/** A key with its secret: the only answer that ever has it. */
const NewKey = Key.extend({ secret: z.string() })

const KeyQuery = PageQuery.extend({ team: TeamName.optional() })

/** The keys of a team. The one of the settings is not among them: it stays as long as the settings have it. */
export const keyRoutes = (app: App, gateway: Gateway): void => {
  const { store, access } = gateway
  app.post(
    "/v1/keys",
    {
      schema: {
        summary: "Make a key; its secret is in this answer alone",
        tags: ["access"],
        body: KeyRequest,
        response: { 201: NewKey, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: newId("key"),
        repeatable: false,
        secret: true,
        act: async id => {
          const caller = callerOf(request)
          const { name, email, role, team, expiresAt } = request.body
          const secret = `twl_${newSecret()}`
          const key: Key = {
            id,
            team: teamFor(caller, team),
            name,
            ...(email === undefined ? {} : { email }),
            role,
            createdAt: store.now(),
            createdBy: caller.actor,
            ...(expiresAt === undefined ? {} : { expiresAt }),
          }
          await store.access.createKey(key, digestOf(secret))
          return { status: 201, body: { ...key, secret }, headers: { location: `/v1/keys/${id}` } }
        },
      }),
  )
  app.get(
    "/v1/keys",
    {
      schema: {
        summary: "The keys of the team",
        tags: ["access"],
        querystring: KeyQuery,
        response: listOf(Key),
      },
    },
    request => {
      const { limit, cursor, team } = request.query
      const page = pageAsked({ limit, cursor })
      return store.access.keys(teamFor(callerOf(request), team), page)
    },
  )
  app.delete(
    "/v1/keys/:id",
    {
      schema: {
        summary: "Revoke a key, with its sessions and open streams",
        tags: ["access"],
        params: KeyPath,
        response: {
          204: z.undefined().describe("It opens nothing any more: here at once, in any gateway after 5 s."),
          ...problems,
        },
      },
    },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const caller = callerOf(request)
        const { id } = request.params
        const owner = caller.isOperator ? await access.byId(id) : null
        if (!(await store.access.revokeKey(owner?.team ?? caller.team, id))) throw noSuchKey()
        sendAway(gateway, reply)
        return reply.code(204).send()
      }),
  )
}

const noSuchKey = (): Fault => new Fault("not-found", "There is no such key.")
