import type { AddressInfo } from "node:net"
import type { Traces } from "@twolane/common/trace/open-traces"
import { newId } from "@twolane/protocol"
import Fastify from "fastify"
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod"
import type { Gateway } from "./gateway.ts"
import type { App } from "./http/app.ts"
import { requireCaller } from "./http/auth.ts"
import { readJsonBodies, smallBodyBytes } from "./http/body.ts"
import { serveDocs } from "./http/docs.ts"
import { answerErrors, refuseBrokenHttp, sendProblem } from "./http/errors.ts"
import { observeRequests } from "./http/observe.ts"
import { describeApi, serveOpenApi } from "./http/openapi.ts"
import { limitRates } from "./http/rates.ts"
import { requireRoles } from "./http/roles.ts"
import { setSecurityHeaders } from "./http/security-headers.ts"
import { refuseWhenStopping } from "./http/stopping.ts"
import { refuseStrayQueries } from "./http/stray-queries.ts"
import { traceRequests } from "./http/trace-requests.ts"
import { endRefusedUpgrades } from "./http/upgrades.ts"
import type { Platform } from "./inbox/platform.ts"
import { inboxRoutes } from "./inbox/routes.ts"
import { servePage } from "./page/serve.ts"
import { healthRoutes } from "./routes/health.ts"
import { unbuiltHooks } from "./routes/not-built.ts"
import { routes } from "./routes/routes.ts"
import { signInRoute } from "./routes/session.ts"

/** Makes the HTTP server over everything it works with; nothing listens yet. */
export const buildServer = async (
  gateway: Gateway,
  { pageFolder, platforms, traces }: { pageFolder: string; platforms: readonly Platform[]; traces?: Traces },
): Promise<App> => {
  const { log, metrics } = gateway
  const app = Fastify({
    logger: false,
    genReqId: () => newId("req"),
    bodyLimit: smallBodyBytes,
    // A body that drips in, or never ends, holds a connection for 10 s at most (design, D17).
    requestTimeout: 10_000,
    keepAliveTimeout: 60_000,
    maxRequestsPerSocket: 10_000,
    http: { headersTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    routerOptions: { maxParamLength: 200 },
    return503OnClosing: false,
    forceCloseConnections: "idle",
    clientErrorHandler: refuseBrokenHttp,
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply, log),
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.decorateRequest("caller", null)
  app.decorateRequest("sendAway", null)
  answerErrors(app, log, (request, code) => gateway.refusals.note(request, code))
  readJsonBodies(app)
  if (traces !== undefined) traceRequests(app, traces)
  observeRequests(app, metrics, log)
  refuseWhenStopping(app, gateway.stopping)
  endRefusedUpgrades(app)
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id)
    done()
  })
  setSecurityHeaders(app, {
    contentSecurityPolicy: { useDefaults: false, directives: policy },
    hsts: gateway.config.publicUrl?.startsWith("https:") ? { includeSubDomains: false } : false,
    xFrameOptions: { action: "deny" },
  })
  await describeApi(app)
  await app.register(async open => {
    healthRoutes(open, gateway)
    unbuiltHooks(open, platforms)
    serveOpenApi(open)
    serveDocs(open)
  })
  await app.register(async open => {
    await limitRates(open, gateway)
    inboxRoutes(open, gateway, platforms)
  })
  await app.register(async open => {
    await limitRates(open, gateway)
    servePage(open, gateway, pageFolder)
  })
  await app.register(async open => {
    await limitRates(open, gateway)
    refuseStrayQueries(open)
    signInRoute(open, gateway)
  })
  await app.register(async guarded => {
    requireCaller(guarded, gateway)
    requireRoles(guarded)
    await limitRates(guarded, gateway)
    refuseStrayQueries(guarded)
    routes(guarded, gateway)
  })
  await app.ready()
  return app
}

/** What a page of ours may do: load from here alone, run no script that stands in a document, and stand in no frame. */
const policy = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}

/** Starts to listen and says at which address. */
export const listen = async (app: App, { host, port }: { host: string; port: number }): Promise<string> => {
  await app.listen({ host, port })
  const address = app.server.address() as AddressInfo
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address
  return `http://${name}:${address.port}`
}
