import type { FastifyRequest } from "fastify"

const recorded = new WeakSet<FastifyRequest>()

/** Remembers that a request has a record of its own, which also says how it was refused. */
export const setRecorded = (request: FastifyRequest): void => void recorded.add(request)

/** Whether a request has a record of its own. */
export const isRecorded = (request: FastifyRequest): boolean => recorded.has(request)
