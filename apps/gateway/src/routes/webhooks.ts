import { randomBytes } from "node:crypto"
import { Delivery, EmptyRequest, Fault, newId, Webhook, WebhookRequest } from "@twolane/protocol"
import { z } from "zod"
import { audited } from "../audit/audited.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { HookPath, listOf, MessagePath, NoQuery, PageQuery, pageAsked, problems } from "../http/schemas.ts"
import { secretPrefix } from "../webhooks/message.ts"
import { targetOf } from "../webhooks/target.ts"
import { tryMessage } from "../webhooks/try-message.ts"

/** A webhook with its secret: the only answer that ever has it. */
const NewWebhook = Webhook.extend({ secret: z.string() })
const NewSecret = z.object({ id: z.string(), secret: z.string() })

/** Who hears of the team's events by HTTP, and what was sent to them. */
export const webhookRoutes = (app: App, gateway: Gateway): void => {
  makingRoutes(app, gateway)
  readingRoutes(app, gateway)
  actingRoutes(app, gateway)
}

const makingRoutes = (app: App, gateway: Gateway): void => {
  const { store, config } = gateway
  app.post(
    "/v1/webhooks",
    {
      schema: {
        summary:
          "Hear of the team's events by HTTP, signed as Standard Webhooks; the secret is in this answer alone",
        tags: ["webhooks"],
        body: WebhookRequest,
        response: { 201: NewWebhook, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: newId("hook"),
        repeatable: false,
        secret: true,
        act: async id => {
          const { team, actor } = callerOf(request)
          targetOf(request.body.url, config.webhookHosts)
          const hook: Webhook = { id, team, ...request.body, createdAt: store.now(), createdBy: actor }
          const secret = newWebhookSecret()
          if (!(await store.webhooks.create(hook, secret)))
            throw new Fault("invalid", "The team has 50 webhooks, and no more may be made.")
          return { status: 201, body: { ...hook, secret }, headers: { location: `/v1/webhooks/${id}` } }
        },
      }),
  )
  app.delete(
    "/v1/webhooks/:id",
    {
      schema: {
        summary: "Remove a webhook; what waits for it is not sent",
        tags: ["webhooks"],
        params: HookPath,
        response: { 204: z.undefined().describe("It is removed."), ...problems },
      },
    },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        if (!(await store.webhooks.remove(callerOf(request).team, request.params.id))) throw noSuchWebhook()
        return reply.code(204).send()
      }),
  )
}

const readingRoutes = (app: App, gateway: Gateway): void => {
  const { store } = gateway
  app.get(
    "/v1/webhooks",
    {
      schema: {
        summary: "The webhooks of the team",
        tags: ["webhooks"],
        querystring: PageQuery,
        response: listOf(Webhook),
      },
    },
    request => store.webhooks.list(callerOf(request).team, pageAsked(request.query)),
  )
  app.get(
    "/v1/webhooks/:id",
    {
      schema: {
        summary: "A webhook, and how it is doing",
        tags: ["webhooks"],
        params: HookPath,
        querystring: NoQuery,
        response: { 200: Webhook, ...problems },
      },
    },
    request => readWebhook(gateway, callerOf(request).team, request.params.id),
  )
  app.get(
    "/v1/webhooks/:id/deliveries",
    {
      schema: {
        summary: "What was sent to a webhook, newest first: all that waits, and the last 500 of the others",
        tags: ["webhooks"],
        params: HookPath,
        querystring: PageQuery,
        response: listOf(Delivery),
      },
    },
    async request => {
      const { team } = callerOf(request)
      await readWebhook(gateway, team, request.params.id)
      return await store.webhooks.deliveries(team, request.params.id, pageAsked(request.query))
    },
  )
}

const actingRoutes = (app: App, gateway: Gateway): void => {
  const { store, ending } = gateway
  app.post(
    "/v1/webhooks/:id/test",
    {
      schema: {
        summary: "Send a test message at once, and say what came of it",
        tags: ["webhooks"],
        params: HookPath,
        body: EmptyRequest,
        response: { 200: Delivery, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: `msg_${newId("op").slice("op_".length)}`,
        repeatable: true,
        act: async id => {
          const hook = await readWebhook(gateway, callerOf(request).team, request.params.id)
          const message: Delivery = {
            id,
            type: "webhook.test",
            createdAt: store.now(),
            status: "waiting",
            tries: [],
          }
          const tried = await tryMessage(gateway, hook, message, { last: true, signal: ending })
          await store.webhooks.settle(hook, tried.message, tried.succeeded)
          return { status: 200, body: tried.message }
        },
      }),
  )
  app.post(
    "/v1/webhooks/:id/rotate",
    {
      schema: {
        summary: "A new secret, in this answer alone; the one before signs along for a day",
        tags: ["webhooks"],
        params: HookPath,
        body: EmptyRequest,
        response: { 200: NewSecret, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: request.params.id,
        repeatable: false,
        secret: true,
        act: async id => {
          const secret = newWebhookSecret()
          if (!(await store.webhooks.rotate(callerOf(request).team, id, secret))) throw noSuchWebhook()
          return { status: 200, body: { id, secret } }
        },
      }),
  )
  app.post(
    "/v1/webhooks/:id/deliveries/:message/replay",
    {
      schema: {
        summary: "Send a message again, with the id that it has",
        tags: ["webhooks"],
        params: MessagePath,
        body: EmptyRequest,
        response: { 202: Delivery, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: request.params.message,
        repeatable: true,
        act: async message => {
          const { team } = callerOf(request)
          const { id } = await readWebhook(gateway, team, request.params.id)
          const again = await store.webhooks.replay(team, id, message)
          if (again === null) throw new Fault("not-found", "There is no such message.")
          return { status: 202, body: again }
        },
      }),
  )
}

const newWebhookSecret = (): string => `${secretPrefix}${randomBytes(32).toString("base64")}`

const readWebhook = async ({ store }: Gateway, team: string, id: string): Promise<Webhook> => {
  const hook = await store.webhooks.get(team, id)
  if (hook === null) throw noSuchWebhook()
  return hook
}

const noSuchWebhook = (): Fault => new Fault("not-found", "There is no such webhook.")
