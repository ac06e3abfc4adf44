import rateLimit from "@fastify/rate-limit"
import { Fault } from "@twolane/protocol"
import type { FastifyInstance } from "fastify"

/**
 * Far above what a busy fleet of callers needs (the benchmark submits about 5,000 tasks a second): it stops a loop that runs wild, not
 * a user.
 */
const maxPerWindow = 100_000
const windowMs = 10_000

/** Limits how many requests a key, or an address without one, may send. Registered after `requireCaller`. */
export const limitRates = async (app: FastifyInstance): Promise<void> => {
  await app.register(rateLimit, {
    max: maxPerWindow,
    timeWindow: windowMs,
    keyGenerator: request => request.caller?.actor.key ?? request.ip,
    errorResponseBuilder: () => new Fault("rate-limited", "Slow down."),
    addHeaders: headersOff,
    addHeadersOnExceeding: headersOff,
  })
}

// Only Retry-After, on a refusal, is part of the contract.
const headersOff = {
  "x-ratelimit-limit": false,
  "x-ratelimit-remaining": false,
  "x-ratelimit-reset": false,
}
