import { Fault } from "@twolane/protocol"
import Fastify, { type FastifyInstance } from "fastify"

/** The page needs its own inline script and styles; it may still load nothing from elsewhere. */
const policy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'self'",
  "object-src 'none'",
].join("; ")

/**
 * A readable page of the API at `/docs`, without anything from another host. It is loaded for the first who looks: its script takes some 20 MB
 * of a gateway's heap as texts alone, and few gateways are ever asked for it.
 */
export const serveDocs = (app: FastifyInstance): void => {
  let opening: Promise<FastifyInstance> | null = null
  const page = (): Promise<FastifyInstance> => {
    opening ??= openPage().catch((error: unknown) => {
      opening = null // the next one tries again
      throw error
    })
    return opening
  }
  app.addHook("onClose", async () => (await opening)?.close())
  for (const url of ["/docs", "/docs/*"])
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      const { statusCode, headers, rawPayload } = await (await page()).inject(request.url)
      if (statusCode === 404) throw new Fault("not-found", "There is no such page.")
      const { "transfer-encoding": _chunks, connection: _connection, date: _date, ...told } = headers
      return reply
        .code(statusCode)
        .headers({ ...told, "content-security-policy": policy })
        .send(rawPayload)
    })
}

const openPage = async (): Promise<FastifyInstance> => {
  const { default: reference } = await import("@scalar/fastify-api-reference")
  const app = Fastify({ logger: false })
  await app.register(reference, {
    routePrefix: "/docs",
    configuration: {
      url: "/openapi.json",
      pageTitle: "Twolane API",
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: "never",
      agent: { disabled: true },
    },
  })
  await app.ready()
  return app
}
