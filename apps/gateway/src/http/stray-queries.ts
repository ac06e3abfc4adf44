import { Fault } from "@twolane/protocol"
import type { FastifyInstance } from "fastify"

/** A route that takes no query refuses one: nothing that a caller says is ignored. */
export const refuseStrayQueries = (app: FastifyInstance): void => {
  app.addHook("preValidation", (request, _reply, done) => {
    if (request.routeOptions.schema?.querystring !== undefined) return done()
    const names = Object.keys(request.query ?? {}).slice(0, 50)
    if (names.length === 0) return done()
    const errors = names.map(path => ({ path, message: "unknown field" }))
    throw new Fault("invalid", "Some fields are wrong; see errors.", { errors })
  })
}
