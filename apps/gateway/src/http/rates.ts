import rateLimit from "@fastify/rate-limit"
import { Fault } from "@twolane/protocol"
import type { FastifyInstance } from "fastify"

const windowMs = 10_000

/**
 * Limits how many requests a key, or an address where no key is asked for, may send: `keyRate` a second as a mean over the window. The default
 * of the setting is above what a busy fleet of callers needs: it stops a loop that runs wild, not a user. Registered after `requireCaller`.
 */
export const limitRates = async (
  app: FastifyInstance,
  { config: { keyRate } }: { config: { keyRate: number } },
): Promise<void> => {
  await app.register(rateLimit, {
    max: keyRate * (windowMs / 1_000),
    timeWindow: windowMs,
    keyGenerator: request => request.caller?.actor.key ?? request.ip,
    errorResponseBuilder: () =>
      new Fault("rate-limited", `More than ${keyRate} requests a second. Slow down (TWOLANE_KEY_RATE).`),
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
