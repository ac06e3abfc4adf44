import { hash as digest } from "node:crypto"
import { sleep } from "@twolane/common"
import { Fault, isFault } from "@twolane/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import { openSealed, seal } from "../access/seal.ts"
import { audited } from "../audit/audited.ts"
import type { Gateway } from "../gateway.ts"
import { callerOf, keyOwner } from "./auth.ts"

/** What a route answers, and what a replay answers again. */
export type Answer = {
  status: number
  body: unknown
  headers?: Record<string, string>
  /** The body as text, where a route answers so often that making it twice, and looking at each field of it again, tells. */
  json?: string
}

/** A request with an effect: `subject` is the id that it chose, so that whoever repeats it meets what it made. */
export type Effectful = {
  subject: string
  /**
   * Repeating it with the same subject has no second effect, so a repeated request need not wait for the first. Otherwise it waits
   * for the first one's answer, and takes over only when that one must be dead.
   */
  repeatable: boolean
  act: (subject: string) => Promise<Answer>
  /** The answer has a secret: it is kept for replays only so that the key of the request opens it. */
  secret?: boolean
}

/** How long a repeated request waits for the first one's answer. */
const patienceMs = 10_000
/** After this the first request is held for dead. */
const deadAfterMs = 30_000
const pollMs = 50

/** Runs a request with an effect, recorded, once for each `Idempotency-Key` of a caller, and sends the answer. */
export const answerOnce = async (
  gateway: Gateway,
  request: FastifyRequest,
  reply: FastifyReply,
  given: Effectful,
): Promise<void> => {
  const effect: Effectful = {
    ...given,
    act: subject => audited(gateway, request, subject, () => given.act(subject)),
  }
  const key = keyOf(request)
  if (key === null) return send(reply, await effect.act(effect.subject))
  const { answer, replayed } = await answerFor(gateway, request, key, effect)
  if (replayed) reply.header("idempotent-replay", "true")
  return send(reply, answer)
}

/** The request's `Idempotency-Key`. @throws Fault bad-request */
export const keyOf = (request: FastifyRequest): string | null => {
  const key = request.headers["idempotency-key"]
  if (key === undefined) return null
  if (typeof key === "string" && /^[\x21-\x7e]{1,255}$/.test(key)) return key
  const message = "must be 1 to 255 visible ASCII characters"
  throw new Fault("bad-request", `Idempotency-Key ${message}.`, {
    errors: [{ path: "Idempotency-Key", message }],
  })
}

/**
 * Fastify wants a handler's promise to give the reply that was sent; its types know only bodies of the route's schema. The schema
 * still checks a body when it is written; one that is text already goes as it is.
 */
export const send = (reply: FastifyReply, { status, body, headers = {}, json }: Answer): undefined => {
  const begun = reply.code(status).headers(headers)
  if (json === undefined) return begun.send(body) as unknown as undefined
  return begun.type("application/json; charset=utf-8").send(json) as unknown as undefined
}

type Outcome = { answer: Answer; replayed: boolean }

const answerFor = async (
  gateway: Gateway,
  request: FastifyRequest,
  key: string,
  effect: Effectful,
): Promise<Outcome> => {
  const caller = keyOwner(callerOf(request))
  const hash = hashOf(request.method, request.url, request.body)
  return runOnce(gateway, { caller, key, hash, ...effect })
}

/** One keyed effect; the batch route runs one for each of its items that has a key. */
export type KeyedEffect = Effectful & { caller: string; key: string; hash: string }

/**
 * Runs a keyed effect or finds its answer.
 * @throws Fault idempotency-conflict, idempotency-running, and whatever the effect throws
 */
export const runOnce = async (gateway: Gateway, keyed: KeyedEffect): Promise<Outcome> => {
  const until = Date.now() + patienceMs
  for (;;) {
    const found = await gateway.store.reserve(keyed.caller, keyed.key, keyed.hash, keyed.subject)
    switch (found.state) {
      case "new":
        return { answer: await actFirst(gateway, keyed), replayed: false }
      case "replay": {
        const { status, body, headers } = found
        const shown = keyed.secret === true ? openSealed(keyed, body) : body
        return { answer: { status, body: shown, ...(headers && { headers }) }, replayed: true }
      }
      case "conflict":
        throw new Fault("idempotency-conflict", "Use a new key for another request.")
      case "reserved":
        if (keyed.repeatable || found.ageMs > deadAfterMs)
          return { answer: await actAndSettle(gateway, keyed, found.subject), replayed: true }
        if (Date.now() > until) throw new Fault("idempotency-running", "Ask again in a moment.")
        await sleep(pollMs, gateway.stopping)
    }
  }
}

const actFirst = async (gateway: Gateway, keyed: KeyedEffect): Promise<Answer> => {
  try {
    return await actAndSettle(gateway, keyed, keyed.subject)
  } catch (error) {
    // A refusal had no effect, so the key is free again. After anything else nobody knows: the reservation stays.
    if (isFault(error) && !unsure.has(error.code)) await gateway.store.unreserve(keyed.caller, keyed.key)
    throw error
  }
}

const actAndSettle = async ({ store }: Gateway, keyed: KeyedEffect, subject: string): Promise<Answer> => {
  const answer = await keyed.act(subject)
  const kept = keyed.secret === true ? { ...answer, body: seal(keyed, answer.body) } : answer
  await store.settle(keyed.caller, keyed.key, kept)
  return answer
}

const unsure: ReadonlySet<string> = new Set(["store-unavailable", "internal", "no-worker", "shutting-down"])

/** The identity of a request: the same key with another one is a conflict. */
export const hashOf = (method: string, url: string, body: unknown): string =>
  digest("sha256", `${method} ${url}\n${JSON.stringify(body)}`, "base64url")
