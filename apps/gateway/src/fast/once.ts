import { sleep } from "@twolane/common"
import { Fault, isFault } from "@twolane/protocol"
import type { FastifyRequest } from "fastify"
import type { Gateway } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"
import { type Answer, hashOf, keyOf } from "../http/idempotency.ts"

/** How a request with an `Idempotency-Key` stands to those before it. `subject` is the id that the first one chose. */
export type Once =
  | { state: "first"; subject: string; settle(answer: Answer): Promise<void> }
  | { state: "made"; subject: string }
  | { state: "answered"; answer: Answer }

/** How long a repeated request waits for the first one's turn to begin, and after when that one is held for dead. */
const patienceMs = 10_000
const deadAfterMs = 30_000
const pollMs = 50

/**
 * Reserves a request's key for a turn that streams: such a request has no answer to keep, what it made is its answer. `isMade` says
 * whether the subject is there. What `act` throws takes the reservation back when nothing was done.
 */
export const reserveTurn = async <Result>(
  gateway: Gateway,
  request: FastifyRequest,
  chosen: { subject: string; isMade: (subject: string) => Promise<boolean> },
  act: (once: Once) => Promise<Result>,
): Promise<Result> => {
  const key = keyOf(request)
  if (key === null) return act({ state: "first", subject: chosen.subject, settle: async () => {} })
  const { actor, team } = callerOf(request)
  const caller = `${team}/${actor.key}`
  const once = await find(
    gateway,
    { caller, key, hash: hashOf(request.method, request.url, request.body) },
    chosen,
  )
  try {
    return await act(once)
  } catch (error) {
    if (once.state === "first" && isFault(error) && !unsure.has(error.code))
      await gateway.store.unreserve(caller, key)
    throw error
  }
}

const unsure: ReadonlySet<string> = new Set(["store-unavailable", "internal", "shutting-down"])

const find = async (
  { store, stopping }: Gateway,
  { caller, key, hash }: { caller: string; key: string; hash: string },
  { subject, isMade }: { subject: string; isMade: (subject: string) => Promise<boolean> },
): Promise<Once> => {
  const first = (of: string): Once => ({
    state: "first",
    subject: of,
    settle: answer => store.settle(caller, key, answer),
  })
  for (const until = Date.now() + patienceMs; ; ) {
    const found = await store.reserve(caller, key, hash, subject)
    switch (found.state) {
      case "new":
        return first(subject)
      case "replay": {
        const { status, body, headers } = found
        return { state: "answered", answer: { status, body, ...(headers && { headers }) } }
      }
      case "conflict":
        throw new Fault("idempotency-conflict", "Use a new key for another request.")
      case "reserved":
        if (await isMade(found.subject)) return { state: "made", subject: found.subject }
        if (found.ageMs > deadAfterMs) return first(found.subject)
        if (Date.now() > until) throw new Fault("idempotency-running", "Ask again in a moment.")
        await sleep(pollMs, stopping)
    }
  }
}
