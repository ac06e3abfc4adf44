import { type Context, fromJson } from "./context.ts"
import { idempotencyKey } from "./keys.ts"
import type { Idempotent, Store } from "./port.ts"
import { withDeadline } from "./redis/deadline.ts"
import { gather } from "./settle/gather.ts"

const keepMs = 24 * 60 * 60 * 1_000
/** Redis does nothing else during one call. */
const rowsPerCall = 100

/** What the first request with a key was answered. */
type Answer = { status: number; body: unknown; headers?: Record<string, string> }

type Row = { key: string; args: readonly [what: string, bodyOrAnswer: string, subject: string] }
type Waiting = Row & { answer: (reply: readonly unknown[]) => void }

/** The store's calls about idempotency keys; what comes at once of one caller goes to Redis in one call. */
export const idempotencyCalls = (context: Context) => {
  const send = gather<Waiting>(async (_caller, rows) => {
    for (let at = 0; at < rows.length; at += rowsPerCall) {
      const some = rows.slice(at, at + rowsPerCall)
      const keys = some.map(({ key }) => key)
      const args = [keepMs, ...some.flatMap(row => row.args)]
      const replies = (await withDeadline(context.run("idempotency", keys, args))) as unknown[][]
      for (const [index, { answer }] of some.entries()) answer(replies[index] ?? [])
    }
  })
  const call = async (caller: string, key: string, args: Row["args"]): Promise<readonly unknown[]> => {
    let reply: readonly unknown[] = []
    const answer: Waiting["answer"] = given => {
      reply = given
    }
    await send(caller, [{ key: idempotencyKey(caller, key), args, answer }])
    return reply
  }
  return {
    reserve: async (caller, key, bodyHash, subject) =>
      found(await call(caller, key, ["reserve", bodyHash, subject])),
    settle: async (caller, key, { json, ...answer }) => {
      const kept =
        json === undefined
          ? JSON.stringify(answer)
          : `${JSON.stringify({ ...answer, body: undefined }).slice(0, -1)},"body":${json}}`
      await call(caller, key, ["settle", kept, ""])
    },
    unreserve: async (caller, key) => void (await call(caller, key, ["unreserve", "", ""])),
  } satisfies Partial<Store>
}

/** What became of the request that has the key, if there was one. */
const found = ([what, told, ageMs]: readonly unknown[]): Idempotent => {
  switch (what) {
    case "new":
      return { state: "new" }
    case "replay":
      return { state: "replay", ...fromJson<Answer>(String(told)) }
    case "reserved":
      return { state: "reserved", subject: String(told), ageMs: Number(ageMs) }
    case "conflict":
      return { state: "conflict" }
    default:
      throw new Error(`idempotency answered ${String(what)}`)
  }
}
