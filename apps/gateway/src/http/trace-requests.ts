import { insideTrace, placeBelow, readTraceparent, type TracePlace } from "@twolane/common/trace/context"
import type { Traces } from "@twolane/common/trace/open-traces"
import type { FastifyInstance, FastifyRequest } from "fastify"

/** Routes that are asked all the time, and tell nothing. */
const dull: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"])

/** A span for each request, below the one that its `traceparent` names; turns that it queues take it along. Without traces no hook is there. */
export const traceRequests = (app: FastifyInstance, traces: Traces): void => {
  const open = new WeakMap<
    FastifyRequest,
    { place: TracePlace; parent: TracePlace | null; startedAt: number }
  >()
  app.addHook("onRequest", (request, _reply, done) => {
    const header = request.headers.traceparent
    const parent = readTraceparent(Array.isArray(header) ? header[0] : header)
    const place = placeBelow(parent)
    open.set(request, { place, parent, startedAt: Date.now() })
    insideTrace(place, done)
  })
  app.addHook("onResponse", (request, reply, done) => {
    const begun = open.get(request)
    const route = request.routeOptions.url ?? "none"
    if (begun !== undefined && !dull.has(route))
      traces.send({
        ...begun,
        name: `${request.method} ${route}`,
        kind: "SERVER",
        endedAt: Date.now(),
        attributes: {
          "http.request.method": request.method,
          "http.route": route,
          "http.response.status_code": reply.statusCode,
          "twolane.request": request.id,
        },
        ...(reply.statusCode >= 500 ? { failed: String(reply.statusCode) } : {}),
      })
    done()
  })
}
