import { ApiError } from "./api-error.ts"

/** How much a simulated provider takes in a window of `windowMs` (a minute by default). */
export type RateLimits = { requests?: number; tokens?: number; windowMs?: number }

/** A provider's limits at work. */
export type RateLimiter = {
  /**
   * Takes a call into account; answers the headers that say what is left.
   * @throws ApiError 429 with `retry-after`, and in words as where there are no headers.
   */
  take(tokens: number): Record<string, string>
}

type Bucket = { kind: "requests" | "tokens"; limit: number; level: number; at: number }

/** A limiter whose buckets are full; without limits it takes everything and says nothing. */
export const makeRateLimiter = (limits: RateLimits = {}): RateLimiter => {
  const { windowMs = 60_000 } = limits
  const buckets = (["requests", "tokens"] as const).flatMap((kind): Bucket[] => {
    const limit = limits[kind]
    return limit === undefined ? [] : [{ kind, limit, level: limit, at: performance.now() }]
  })
  const rise = (bucket: Bucket): void => {
    const now = performance.now()
    bucket.level = Math.min(bucket.limit, bucket.level + ((now - bucket.at) * bucket.limit) / windowMs)
    bucket.at = now
  }
  const headers = (): Record<string, string> =>
    Object.fromEntries(
      buckets.flatMap(({ kind, limit, level }) => [
        [`x-ratelimit-limit-${kind}`, String(limit)],
        [`x-ratelimit-remaining-${kind}`, String(Math.max(0, Math.floor(level)))],
        [`x-ratelimit-reset-${kind}`, `${Math.ceil(((limit - level) * windowMs) / limit)}ms`],
      ]),
    )
  const refusal = ({ kind, limit, level }: Bucket, wanted: number): ApiError => {
    const waitMs = Math.ceil(((Math.min(limit, wanted) - level) * windowMs) / limit)
    const used = Math.ceil(limit - level)
    const short = kind === "requests" ? "RPM" : "TPM"
    const message = `Rate limit reached for this model on ${kind} per min (${short}): Limit ${limit}, Used ${used}, Requested ${wanted}. Please try again in ${waitMs}ms.`
    return new ApiError(429, message, {
      code: "rate_limit_exceeded",
      headers: { ...headers(), "retry-after-ms": String(waitMs) },
    })
  }
  return {
    take: tokens => {
      const wanted = (bucket: Bucket) => (bucket.kind === "requests" ? 1 : tokens)
      for (const bucket of buckets) rise(bucket)
      const full = buckets.find(bucket => bucket.level < Math.min(bucket.limit, wanted(bucket)))
      if (full !== undefined) throw refusal(full, wanted(full))
      for (const bucket of buckets) bucket.level -= wanted(bucket)
      return headers()
    },
  }
}
