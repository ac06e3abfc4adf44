import type { Logger, Metrics } from "@twolane/common"
import type { FastifyInstance } from "fastify"

/** Counts and times every answer by its route's pattern, and logs it at `debug`. */
export const observeRequests = (app: FastifyInstance, metrics: Metrics, log: Logger): void => {
  app.addHook("onResponse", (request, reply, done) => {
    const { method } = request
    const route = request.routeOptions.url ?? "none"
    const status = reply.statusCode
    const durationMs = reply.elapsedTime
    metrics.httpRequests.inc({ method, route, status })
    metrics.httpDuration.observe({ method, route }, durationMs / 1_000)
    log.debug({ requestId: request.id, method, route, status, durationMs }, "request answered")
    done()
  })
}
