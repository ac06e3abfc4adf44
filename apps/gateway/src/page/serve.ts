import { Readable } from "node:stream"
import { type FirstLook, isFault, TaskId, type TaskState } from "@twolane/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import { siteOf } from "../access/site.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { type Drawing, openDrawing } from "./draw.ts"
import { etagOf, type PageFile } from "./files.ts"
import { firstLookBlock, firstLookOf, mayLook } from "./first-look.ts"
import { missingPage, withPreview } from "./html.ts"
import { openPage, type Page } from "./page.ts"

/** Paths that are never the page's: what is not there answers with a problem document. */
const notOurs = /^\/(?:v1|mcp|\.well-known|integrations|docs|openapi\.json|healthz|readyz|metrics)(?:\/|$)/

/** Serves the team's page to everyone who reaches the gateway: it holds nothing until somebody signs in. */
export const servePage = (app: App, gateway: Gateway, folder: string): void => {
  const page = openPage(folder)
  const drawing = openDrawing(folder, gateway.log, gateway.ending)
  app.addHook("onClose", () => drawing[Symbol.asyncDispose]())
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
    drawing.prepare(index.etag)
    return sendIndex(gateway, { request, reply, path, drawing }, index)
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

type Visit = { request: FastifyRequest; reply: FastifyReply; path: string; drawing: Drawing }

const sendIndex = async (gateway: Gateway, visit: Visit, index: PageFile): Promise<FastifyReply> => {
  const { request, reply, path } = visit
  const task = await previewOf(gateway, path)
  const plain = task === null ? index.plain : Buffer.from(withPreview(index.plain.toString("utf8"), task))
  if (mayLook(request, path)) return sendWithLook(gateway, visit, plain.toString("utf8"))
  if (task === null) return sendFile(request, reply, index)
  return sendFile(request, reply, { ...index, etag: etagOf(plain), plain, gzip: null, br: null })
}

/**
 * The page with what it shows first, drawn and as data: nobody's but the reader's, so that nothing keeps it, and with the session's word in
 * it, so that it is not compressed together with what others wrote. Its head goes out at once: the browser loads the code while the data
 * is gathered.
 */
const sendWithLook = (gateway: Gateway, visit: Visit, html: string): FastifyReply => {
  const { request, reply, path } = visit
  const [head, rest] = splitAtPlace(inTheme(html, request))
  async function* parts(): AsyncGenerator<string> {
    const looking = firstLookOf(gateway, request, path)
    yield head
    const look = await looking
    const drawn = look === null ? null : await drawnQueue(visit, look)
    if (look === null) yield rest
    else yield `${drawn ?? ""}${rest.replace("</body>", () => `${firstLookBlock(look)}</body>`)}`
  }
  reply.header("cache-control", "no-store").type("text/html; charset=utf-8")
  return reply.send(Readable.from(parts()))
}

/** Before and after what the page's script renders. */
const splitAtPlace = (html: string): [head: string, rest: string] => {
  const place = '<div id="page">'
  const at = html.indexOf(place)
  const end = at === -1 ? html.lastIndexOf("</body>") : at + place.length
  return [html.slice(0, end), html.slice(end)]
}

/** Of a queue that is filtered only the script knows what to show. */
const drawnQueue = async ({ request, drawing }: Visit, look: FirstLook): Promise<string | null> =>
  look.queue === null || request.url.includes("?") ? null : await drawing.draw(look, isOnPhone(request))

const isOnPhone = ({ headers }: FastifyRequest): boolean =>
  headers["sec-ch-ua-mobile"] === "?1" || /\bMobi/.test(headers["user-agent"] ?? "")

/** The colours that the reader chose, before the script is there (`shell/theme.ts` of the page). */
const inTheme = (html: string, { headers }: FastifyRequest): string => {
  const theme = /(?:^|; )twolane-theme=(light|dark)(?:;|$)/.exec(headers.cookie ?? "")?.[1]
  return theme === undefined ? html : html.replace("<html ", `<html data-theme="${theme}" `)
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
