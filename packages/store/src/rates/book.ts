import { emptyBucket, type RateFact } from "@twolane/common/rates/bucket"
import type { RateBook, RateRow } from "@twolane/common/rates/share"
import { type Context, fromJson } from "../context.ts"
import { digest, ratesFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"

/** A worker that says nothing for so long is gone; a bucket that nobody speaks of is forgotten. */
const keepMs = 10_000
/** A look that takes longer is of no use any more. */
const deadlineMs = 1_000

/** What one worker tells the others of providers' limits, and hears from them. */
export const openRateBook = (context: Context, worker: string): RateBook => ({
  sync: async ({ id, host, model }, row, { facts, blockedUntil }) => {
    const told = [
      JSON.stringify({ host, model }),
      worker,
      JSON.stringify(row),
      keepMs,
      Math.ceil(blockedUntil),
    ]
    const { requests, tokens } = facts
    const heard = [requests?.at ?? 0, tokens?.at ?? 0, textOf(requests), textOf(tokens)]
    const bucket = `${id}:${digest(model)}`
    const reply = await withDeadline(
      context.run("rates-sync", [ratesFamily], [bucket, ...told, ...heard]),
      deadlineMs,
    )
    const [blocked, knownRequests, knownTokens, ...rows] = reply as [string, string, string, ...string[]]
    return {
      blockedUntil: Number(blocked),
      facts: { ...factOf("requests", knownRequests), ...factOf("tokens", knownTokens) },
      rows: rows.flatMap((name, at) =>
        at % 2 === 0 ? [{ worker: name, row: fromJson<RateRow>(rows[at + 1] ?? "") }] : [],
      ),
    }
  },
})

/** A bucket as people may see it. */
export type SeenRate = { host: string; model: string; bucket: typeof emptyBucket; rows: RateRow[] }

/** Every bucket that is in use. */
export const listRates = async (context: Context): Promise<SeenRate[]> => {
  const reply = await withDeadline(context.run("rates-list", [ratesFamily], []))
  return (reply as [string, string, string, string, ...string[]][]).map(
    ([name, blocked, requests, tokens, ...texts]) => {
      const rows = texts.map(text => fromJson<RateRow>(text))
      const facts = { ...factOf("requests", requests), ...factOf("tokens", tokens) }
      const spent = rows.flatMap(row => row.spent).sort((a, b) => a.at - b.at)
      const bucket = { ...emptyBucket, facts, blockedUntil: Number(blocked), spent }
      return { ...fromJson<{ host: string; model: string }>(name), bucket, rows }
    },
  )
}

const textOf = (fact: RateFact | undefined): string => (fact === undefined ? "" : JSON.stringify(fact))

const factOf = (kind: "requests" | "tokens", text: string) =>
  text === "" ? {} : { [kind]: fromJson<RateFact>(text) }
