import reference from "@scalar/fastify-api-reference"
import type { FastifyInstance } from "fastify"

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

/** A readable page of the API at `/docs`, without anything from another host. */
export const serveDocs = async (app: FastifyInstance): Promise<void> => {
  await app.register(reference, {
    routePrefix: "/docs",
    hooks: {
      onRequest: (_request, reply, done) => {
        reply.header("content-security-policy", policy)
        done()
      },
    },
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
}
