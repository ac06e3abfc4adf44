import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { FastifyBaseLogger, FastifyInstance } from "fastify"
import type { ZodTypeProvider } from "fastify-type-provider-zod"

/** A Fastify instance whose routes are typed by their zod schemas. */
export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>
