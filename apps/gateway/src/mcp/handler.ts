import { createMcpHandler } from "@modelcontextprotocol/server"
import type { FastifyReply, FastifyRequest } from "fastify"
import { refuseOtherOrigin, siteOf } from "../access/site.ts"
import { watchCaller } from "../fast/caller.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { type Asker, mcpServers } from "./server.ts"

/** Streams of clients that listen for changes of the lists, of which there are none: the few that try it are let be. */
const maxListeners = 100

/**
 * Answers MCP over streamable HTTP: each request by a server of its own, so that nothing is kept between two of them and any gateway can
 * answer the next one. Clients of the old protocol (2025) and the new one (2026) use the same address.
 */
export const mcpHandler = (
  gateway: Gateway,
  app: App,
): ((request: FastifyRequest, reply: FastifyReply) => Promise<Response>) => {
  const make = mcpServers(version)
  const handler = createMcpHandler(({ authInfo }) => make(authInfo?.extra?.asker as Asker), {
    maxSubscriptions: maxListeners,
    keepAliveMs: gateway.streams.timing.heartbeatMs,
    onerror: error => gateway.log.debug({ error }, "an MCP request was refused"),
  })
  return async (request, reply) => {
    const site = siteOf(gateway.config, request)
    refuseOtherOrigin(request, site)
    const ends = isListening(request.body) ? gateway.stopping : gateway.ending
    const caller = watchCaller(reply, ends)
    reply.raw.once("close", () => caller[Symbol.dispose]())
    const asker: Asker = { gateway, app, opened: request, origin: "mcp", left: caller.signal }
    return handler.fetch(toWeb(request, site.text, caller.signal), {
      authInfo: { token: "", clientId: request.caller?.actor.key ?? "", scopes: [], extra: { asker } },
      ...(request.method === "POST" ? { parsedBody: request.body } : {}),
    })
  }
}

/** As the SDK wants it: the body was parsed, and the key was looked at, before. */
const toWeb = ({ method, url, headers }: FastifyRequest, site: string, signal: AbortSignal): Request => {
  const said = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || unwanted.has(name) ? [] : [[name, String(value)] as [string, string]],
  )
  return new Request(new URL(url, site), { method, headers: said, signal })
}

const unwanted: ReadonlySet<string> = new Set(["authorization", "cookie", "connection", "content-length"])

const isListening = (body: unknown): boolean =>
  (body as { method?: unknown } | null)?.method === "subscriptions/listen"

/** This build's version. */
const version = "0.1.0"
