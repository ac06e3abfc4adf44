import { decideRate, levelOf, type RateFact, type RateKind } from "@twolane/common/rates/bucket"
import type { Lane, ProviderRate } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { listRates, type SeenRate } from "./book.ts"

/** The providers that a lane's workers call, and whether their limits let calls through now. */
export const readProviders = async (context: Context, lane: Lane): Promise<ProviderRate[]> => {
  const now = context.now()
  return (await listRates(context))
    .filter(({ rows }) => rows.some(row => row.lane === lane))
    .map(seen => providerOf(seen, lane, now))
    .sort((a, b) => compare(`${a.host} ${a.model}`, `${b.host} ${b.model}`))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const providerOf = ({ host, model, bucket, rows }: SeenRate, lane: Lane, now: number): ProviderRate => {
  const own = rows.filter(row => row.lane === lane)
  const waiting = own.reduce((sum, row) => sum + row.waiting, 0)
  // The smallest call there is: when not even that may go, the lane waits.
  const verdict = decideRate(bucket, { lane, tokens: 1 }, now)
  const shown = (kind: RateKind) => limitOf(bucket.facts[kind], bucket.spent, kind, now)
  const state = verdict.go
    ? waiting > 0
      ? "short"
      : "open"
    : verdict.short === "blocked"
      ? "blocked"
      : "short"
  return {
    host,
    model,
    state,
    reason: reasonOf(verdict, waiting),
    opensAt: verdict.go ? null : Math.ceil(now + verdict.afterMs),
    inFlight: own.reduce((sum, row) => sum + row.inFlight, 0),
    waiting,
    requests: shown("requests"),
    tokens: shown("tokens"),
  }
}

const reasonOf = (verdict: ReturnType<typeof decideRate>, waiting: number): string | null => {
  if (verdict.go) return waiting > 0 ? "calls wait for the provider's limits" : null
  const seconds = Math.ceil(verdict.afterMs / 1_000)
  if (verdict.short === "blocked") return `the provider asked to be left alone for ${seconds} s`
  return `the provider's limit of ${verdict.short} is used up for ${seconds} s`
}

const limitOf = (
  fact: RateFact | undefined,
  spent: SeenRate["bucket"]["spent"],
  kind: RateKind,
  now: number,
): ProviderRate["tokens"] =>
  fact === undefined
    ? null
    : { limit: fact.limit, remaining: Math.max(0, Math.floor(levelOf(fact, spent, kind, now))) }
