import { type Context, fromJson } from "./context.ts"
import { idempotencyKey } from "./keys.ts"
import type { Idempotent } from "./port.ts"
import { withDeadline } from "./redis/deadline.ts"

const keepMs = 24 * 60 * 60 * 1_000

/** What the first request with a key was answered. */
export type Answer = { status: number; body: unknown; headers?: Record<string, string> }

/** Takes a key for a request, or says what became of the request that has it. */
export const reserve = async (
  context: Context,
  of: { caller: string; key: string },
  request: { bodyHash: string; subject: string },
): Promise<Idempotent> => {
  const reply = await call(context, of, ["reserve", request.bodyHash, request.subject, keepMs])
  switch (reply[0]) {
    case "new":
      return { state: "new" }
    case "replay":
      return { state: "replay", ...fromJson<Answer>(String(reply[1])) }
    case "reserved":
      return { state: "reserved", subject: String(reply[1]), ageMs: Number(reply[2]) }
    default:
      return { state: "conflict" }
  }
}

/** Keeps the answer for replays. */
export const settleKey = async (
  context: Context,
  of: { caller: string; key: string },
  answer: Answer,
): Promise<void> => {
  await call(context, of, ["settle", JSON.stringify(answer)])
}

/** Takes a reservation back that had no effect; a key that has its answer keeps it. */
export const unreserve = async (context: Context, of: { caller: string; key: string }): Promise<void> => {
  await call(context, of, ["unreserve"])
}

const call = async (
  context: Context,
  { caller, key }: { caller: string; key: string },
  args: readonly (string | number)[],
): Promise<unknown[]> => {
  const reply = await withDeadline(context.run("idempotency", [idempotencyKey(caller, key)], args))
  return reply as unknown[]
}
