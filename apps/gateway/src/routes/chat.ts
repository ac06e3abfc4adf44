import { randomInt } from "node:crypto"
import {
  ChatChannel,
  ChatChannelPath,
  ChatChannelRequest,
  ChatCode,
  ChatLink,
  ChatLinkRequest,
  ChatPerson,
  EmptyRequest,
  Fault,
} from "@twolane/protocol"
import { z } from "zod"
import { digestOf } from "../access/secrets.ts"
import { audited } from "../audit/audited.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { listOf, PageQuery, pageAsked, problems } from "../http/schemas.ts"

/** Long enough to go from a terminal to a chat. */
const codeMs = 600_000

const done = { 204: z.undefined().describe("Done."), ...problems }

/** Who is who on chat platforms, and which channel is about which repo. */
export const chatRoutes = (app: App, gateway: Gateway): void => {
  codeRoute(app, gateway)
  linkRoutes(app, gateway)
  channelRoutes(app, gateway)
}

const codeRoute = (app: App, gateway: Gateway): void => {
  const { store } = gateway
  app.post(
    "/v1/chat/codes",
    {
      schema: {
        summary: "A code that, said to the bot, links whoever says it to the caller's key; once",
        tags: ["chat"],
        body: EmptyRequest,
        response: { 201: ChatCode, ...problems },
      },
    },
    (request, reply) => {
      reply.header("cache-control", "no-store")
      return answerOnce(gateway, request, reply, {
        subject: "",
        repeatable: true,
        secret: true,
        act: async () => {
          const { team, actor } = callerOf(request)
          const code = newCode()
          await store.chat.createCode(digestOf(code), { team, key: actor.key }, codeMs)
          return { status: 201, body: { code, expiresAt: store.now() + codeMs } }
        },
      })
    },
  )
}

const letters = "0123456789abcdefghjkmnpqrstvwxyz"

/** 60 random bits that a person can type: `7k2m-q9xe-4hdv`. */
const newCode = (): string => {
  const group = () => Array.from({ length: 4 }, () => letters.charAt(randomInt(letters.length))).join("")
  return `${group()}-${group()}-${group()}`
}

const linkRoutes = (app: App, gateway: Gateway): void => {
  const { store, access } = gateway
  app.get(
    "/v1/chat/links",
    {
      schema: {
        summary: "Who is who on chat platforms",
        tags: ["chat"],
        querystring: PageQuery,
        response: listOf(ChatLink),
      },
    },
    request => store.chat.links(callerOf(request).team, pageAsked(request.query)),
  )
  app.post(
    "/v1/chat/links",
    {
      schema: {
        summary: "Say whom a person on a chat platform is: they then act with the rights of that key",
        tags: ["chat"],
        body: ChatLinkRequest,
        response: { 201: ChatLink, ...problems },
      },
    },
    (request, reply) =>
      answerOnce(gateway, request, reply, {
        subject: personWords(request.body),
        repeatable: true,
        act: async () => {
          const { team, actor: createdBy } = callerOf(request)
          const { key, ...person } = request.body
          const owner = await access.byId(key)
          if (owner?.team !== team) throw new Fault("not-found", "There is no such key.")
          const before = await store.chat.linkOf(person)
          // Only themselves may go over to another team, by a code of it.
          if (before !== null && before.team !== team)
            throw new Fault(
              "already-exists",
              "This person is linked elsewhere; a code of their own key moves them.",
            )
          const link: ChatLink = { ...person, key, team, createdAt: store.now(), createdBy }
          await store.chat.link(link)
          return { status: 201, body: link }
        },
      }),
  )
  app.delete(
    "/v1/chat/links/:platform/:workspace/:user",
    { schema: { summary: "Unlink a person", tags: ["chat"], params: ChatPerson, response: done } },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        if (!(await store.chat.unlink(callerOf(request).team, request.params)))
          throw new Fault("not-found", "There is no such link.")
        return reply.code(204).send()
      }),
  )
}

const personWords = ({ platform, workspace, user }: ChatPerson): string => `${platform}/${workspace}/${user}`

const channelRoutes = (app: App, gateway: Gateway): void => {
  const { store, repos } = gateway
  app.get(
    "/v1/chat/channels",
    {
      schema: {
        summary: "The channels that have a repo of their own",
        tags: ["chat"],
        querystring: PageQuery,
        response: listOf(ChatChannel),
      },
    },
    request => store.chat.channels(callerOf(request).team, pageAsked(request.query)),
  )
  app.put(
    "/v1/chat/channels/:platform/:workspace/:channel",
    {
      schema: {
        summary: "Say which repo is meant in a channel by orders that name none",
        tags: ["chat"],
        params: ChatChannelPath,
        body: ChatChannelRequest,
        response: { 200: ChatChannel, ...problems },
      },
    },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        const { team, actor: createdBy } = callerOf(request)
        const { repo } = request.body
        await repos.get(team, repo)
        const channel = { ...request.params, repo, createdAt: store.now(), createdBy }
        await store.chat.setChannel(team, channel)
        return reply.send(channel)
      }),
  )
  app.delete(
    "/v1/chat/channels/:platform/:workspace/:channel",
    {
      schema: {
        summary: "Let a channel have no repo",
        tags: ["chat"],
        params: ChatChannelPath,
        response: done,
      },
    },
    (request, reply) =>
      audited(gateway, request, "", async () => {
        if (!(await store.chat.clearChannel(callerOf(request).team, request.params)))
          throw new Fault("not-found", "This channel has no repo.")
        return reply.code(204).send()
      }),
  )
}
