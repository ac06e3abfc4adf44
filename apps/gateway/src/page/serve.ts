import { Readable } from "node:stream"
import { isFault, TaskId, type TaskState } from "@twolane/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import { siteOf } from "../access/site.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { etagOf, type PageFile } from "./files.ts"
import { firstLookBlock, firstLookOf, mayLook } from "./first-look.ts"
import { missingPage, withPreview } from "./html.ts"
import { openPage, type Page } from "./page.ts"

/** Paths that are never the page's: what is not there answers with a problem document. */
const notOurs = /^\/(?:v1|mcp|\.well-known|integrations|docs|openapi\.json|healthz|readyz|metrics)(?:\/|$)/

/** Serves the team's page to everyone who reaches the gateway: it holds nothing until somebody signs in. */
export const servePage = (app: App, gateway: Gateway, folder: string): void => {
  const page = openPage(folder)
  app.get("/*", { schema: { hide: true } }, async (request, reply) => {
    const path = new URL(request.url, "http://page").pathname
    if (notOurs.test(path)) return reply.callNotFound()
    siteOf(gateway.config, request)
    reply.header("x-robots-tag", "noindex")
    const index = await page.index()
    const file = path === "/index.html" ? undefined : page.file(path)
    if (file !== undefined) return sendFile(request, reply, file)
    // A file that is not there: an older or newer page's, or none of ours.
    if (/\.\w+$/.test(path)) return reply.callNotFound()
    if (index === null) return sendMissing(page, reply)
    return sendIndex(gateway, { request, reply, path }, index)
  })
}

const sendFile = (request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply => {
  const { encoding, body } = bestOf(file, String(request.headers["accept-encoding"] ?? ""))
  const etag = `"${file.etag}${encoding === null ? "" : `-${encoding}`}"`
  reply
    .header("cache-control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache")
    .header("etag", etag)
    .header("vary", "accept-encoding")
  if (isKnown(request, etag)) return reply.code(304).send()
  if (encoding !== null) reply.header("content-encoding", encoding)
  return reply.type(file.type).send(body)
}

/** The smallest encoding that the reader takes; `q=0` refuses one. */
const bestOf = ({ plain, gzip, br }: PageFile, accepted: string) => {
  const takes = (name: string) =>
    new RegExp(`\\b${name}\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))`, "i").test(accepted)
  if (br !== null && takes("br")) return { encoding: "br", body: br }
  if (gzip !== null && takes("gzip")) return { encoding: "gzip", body: gzip }
  return { encoding: null, body: plain }
}

const isKnown = ({ headers }: FastifyRequest, etag: string): boolean =>
  (headers["if-none-match"] ?? "").split(",").some(known => known.trim().replace(/^W\//, "") === etag)

type Visit = { request: FastifyRequest; reply: FastifyReply; path: string }

const sendIndex = async (gateway: Gateway, visit: Visit, index: PageFile): Promise<FastifyReply> => {
  const { request, reply, path } = visit
  const task = await previewOf(gateway, path)
  const plain = task === null ? index.plain : Buffer.from(withPreview(index.plain.toString("utf8"), task))
  if (mayLook(request, path)) return sendWithLook(gateway, visit, plain.toString("utf8"))
  if (task === null) return sendFile(request, reply, index)
  return sendFile(request, reply, { ...index, etag: etagOf(plain), plain, gzip: null, br: null })
}

/**
 * The page with what it shows first: nobody's but the reader's, so that nothing keeps it, and with the session's word in it, so that it
 * is not compressed together with what others wrote. Its head goes out at once: the browser loads the code while the data is gathered.
 */
const sendWithLook = (gateway: Gateway, { request, reply, path }: Visit, html: string): FastifyReply => {
  const end = html.lastIndexOf("</body>")
  async function* parts(): AsyncGenerator<string> {
    const looking = firstLookOf(gateway, request, path)
    yield html.slice(0, end)
    const look = await looking
    yield `${look === null ? "" : firstLookBlock(look)}${html.slice(end)}`
  }
  reply.header("cache-control", "no-store").type("text/html; charset=utf-8")
  return reply.send(Readable.from(parts()))
}

/** The task of a link that may be shown to whoever holds it. */
const previewOf = async ({ config, store, log }: Gateway, path: string): Promise<TaskState | null> => {
  const id = /^\/tasks\/([^/]+)$/.exec(path)?.[1]
  if (!config.linkPreviews || id === undefined || !TaskId.safeParse(id).success) return null
  try {
    return await store.find(id)
  } catch (error) {
    if (!isFault(error)) throw error
    // The page itself says that Redis is away.
    log.debug({ error }, "no preview of a link")
    return null
  }
}

const sendMissing = async (page: Page, reply: FastifyReply): Promise<FastifyReply> =>
  reply
    .code(503)
    .header("cache-control", "no-store")
    .header("retry-after", "3")
    .type("text/html; charset=utf-8")
    .send(missingPage(await page.note()))
