import type { FastifyRequest } from "fastify"

/** Whether the Accept header names a media type outright: a wildcard does not count, and neither does `q=0`. */
export const accepts = (request: FastifyRequest, type: string): boolean =>
  (request.headers.accept ?? "").split(",").some(part => {
    const [name = "", ...parameters] = part.split(";").map(text => text.trim().toLowerCase())
    return name === type && !parameters.some(parameter => /^q=0(?:\.0*)?$/.test(parameter))
  })
