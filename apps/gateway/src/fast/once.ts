import { Fault, isFault } from "@twolane/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import type { Gateway } from "../gateway.ts"
import { callerOf, keyOwner } from "../http/auth.ts"
import { type Answer, hashOf, keyOf } from "../http/idempotency.ts"

/** A request whose effect is the turn that it names: repeating it meets that turn. */
export type Once = {
  /** The id that the first request with this key chose. */
  subject: string
  /** Keeps an answer for replays; a turn that streams has none, it is its own answer. */
  settle(answer: Answer): Promise<void>
}

/**
 * Runs a request that may stream, for each `Idempotency-Key` with one subject. `act` has no second effect for the same subject, so a
 * repeated request need not wait for the first; one that was answered with a body gets that from `again`. What `act` throws takes the
 * reservation back when nothing was done.
 * @throws Fault idempotency-conflict, and whatever `act` throws
 */
export const actOnce = async (
  gateway: Gateway,
  http: { request: FastifyRequest; reply: FastifyReply },
  chosen: string,
  act: (once: Once) => Promise<undefined>,
  again: (answer: Answer) => undefined,
): Promise<undefined> => {
  const { request, reply } = http
  const { store } = gateway
  const key = keyOf(request)
  if (key === null) return act({ subject: chosen, settle: async () => {} })
  const caller = keyOwner(callerOf(request))
  const found = await store.reserve(caller, key, hashOf(request.method, request.url, request.body), chosen)
  if (found.state === "conflict")
    throw new Fault("idempotency-conflict", "Use a new key for another request.")
  if (found.state !== "new") reply.header("idempotent-replay", "true")
  if (found.state === "replay") {
    const { status, body, headers } = found
    return again({ status, body, ...(headers && { headers }) })
  }
  const subject = found.state === "new" ? chosen : found.subject
  try {
    return await act({ subject, settle: answer => store.settle(caller, key, answer) })
  } catch (error) {
    const nothingDone = isFault(error) && !unsure.has(error.code)
    if (found.state === "new" && nothingDone) await store.unreserve(caller, key)
    throw error
  }
}

const unsure: ReadonlySet<string> = new Set(["store-unavailable", "internal", "shutting-down"])
