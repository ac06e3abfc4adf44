import swagger from "@fastify/swagger"
import {
  AuditRecord,
  Gate,
  Key,
  Kpi,
  LiveMessage,
  LiveRequest,
  Me,
  Problem,
  Repo,
  Task,
  TaskEvent,
  Turn,
  WorkerView,
} from "@twolane/protocol"
import type { FastifyInstance } from "fastify"
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from "fastify-type-provider-zod"
import { z } from "zod"

/** Answers with a name of their own in the document. */
const answers = {
  AuditRecord,
  Task,
  Turn,
  TaskEvent,
  Repo,
  Gate,
  Key,
  Kpi,
  WorkerView,
  Me,
  Problem,
  LiveMessage,
}
/** Requests with one. */
const requests = { LiveRequest }

/** Makes the OpenAPI 3.1 document out of the routes' zod schemas. Registered before the routes. */
export const describeApi = async (app: FastifyInstance): Promise<void> => {
  const schemaRegistry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries({ ...answers, ...requests })) schemaRegistry.add(schema, { id })
  const zodToJsonConfig = { override: openAnswer }
  const addSchemas = createJsonSchemaTransformObject({ schemaRegistry, zodToJsonConfig })
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Twolane",
        version: "0.1.0",
        description:
          "A fast lane and a deep lane for coding agents. Every error is a problem document (RFC 9457).",
      },
      components: {
        securitySchemes: {
          key: { type: "http", scheme: "bearer" },
          session: {
            type: "apiKey",
            in: "cookie",
            name: "__Host-twolane",
            description:
              "Of a person on the page (`twolane_<port>` over plain HTTP). Effects carry `x-twolane-csrf` as well.",
          },
        },
      },
      security: [{ key: [] }, { session: [] }],
    },
    transform: createJsonSchemaTransform({ schemaRegistry, zodToJsonConfig }),
    transformObject: document => onceEach(addSchemas(document)),
  })
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>["override"]>

/** Answers may get more fields later, and an intersection of closed objects would fit nothing; what is strict stays strict. */
const openAnswer: Override = ({ zodSchema, jsonSchema }) => {
  if (zodSchema instanceof z.ZodObject && zodSchema.def.catchall === undefined)
    delete jsonSchema.additionalProperties
}

type Document = ReturnType<ReturnType<typeof createJsonSchemaTransformObject>>

/** The transform makes two schemas of each, for answers and for requests: one of them is used. */
const onceEach = (document: Document): Document => {
  const schemas = "components" in document ? document.components?.schemas : undefined
  if (schemas === undefined) return document
  for (const id of Object.keys(requests)) Object.assign(schemas, { [id]: schemas[`${id}Input`] })
  for (const id of Object.keys({ ...answers, ...requests })) delete schemas[`${id}Input`]
  return document
}

/** Serves the document at `/openapi.json`. */
export const serveOpenApi = (app: FastifyInstance): void => {
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger())
}
