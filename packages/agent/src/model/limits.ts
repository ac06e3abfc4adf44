import type { RateFact, RateKind } from "@twolane/common/rates/bucket"

/** What one answer of a provider says of its limits. */
export type HeardLimits = { [Kind in RateKind]?: Omit<RateFact, "at"> }

const kinds = ["requests", "tokens"] as const
/** Some hosts count in several windows: `x-ratelimit-remaining-tokens-minute`. */
const windows = ["", "-minute", "-hour", "-day"] as const

/** Reads `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`; of several windows the one of which the least is left. */
export const limitsInHeaders = (header: (name: string) => string | null): HeardLimits => {
  const heard: HeardLimits = {}
  for (const kind of kinds) {
    const found = windows.flatMap(window => {
      const read = (what: string) => header(`x-ratelimit-${what}-${kind}${window}`)
      const limit = countOf(read("limit"))
      const remaining = countOf(read("remaining"))
      if (limit === null || limit <= 0 || remaining === null) return []
      return [{ limit, remaining: Math.min(limit, remaining), resetMs: durationMs(read("reset")) }]
    })
    const [tightest] = found.sort((a, b) => a.remaining / a.limit - b.remaining / b.limit)
    if (tightest !== undefined) heard[kind] = tightest
  }
  return heard
}

const countOf = (text: string | null): number | null => {
  if (text === null || !/^\d+(?:\.\d+)?$/.test(text.trim())) return null
  return Number(text)
}

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `1s`, `6m0s`, `120ms`, `1h2m`, or seconds; 0 when it is none of these. */
export const durationMs = (text: string | null): number => {
  const trimmed = text?.trim() ?? ""
  const seconds = countOf(trimmed)
  if (seconds !== null) return seconds * 1_000
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)]
  if (parts.map(([whole]) => whole).join("") !== trimmed) return 0
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ""] ?? 0), 0)
}

const perWindowMs: Record<string, number> = { min: 60_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/**
 * Inside a stream, and on a socket, there are no headers; the message says as much: "… on tokens per min (TPM): Limit 30000, Used 29500,
 * Requested 2000. Please try again in 1.898s."
 */
export const limitsInWords = (message: string): HeardLimits => {
  const found =
    /on (tokens|requests) per (min|minute|hour|day)\b[^:]{0,40}: Limit:? (\d{1,15}), Used:? (\d{1,15})/i.exec(
      message,
    )
  if (found === null) return {}
  const [, kind = "", window = "", limitText, usedText] = found
  const limit = Number(limitText)
  const used = Math.min(limit, Number(usedText))
  if (limit <= 0) return {}
  const resetMs = ((perWindowMs[window.toLowerCase()] ?? 60_000) * used) / limit
  return { [kind.toLowerCase()]: { limit, remaining: limit - used, resetMs } }
}
