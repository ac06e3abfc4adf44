import { fieldsOf } from "./fields.ts"
import { type HeardLimits, limitsInHeaders, limitsInWords } from "./limits.ts"
import type { ModelFailure, ModelResult } from "./port.ts"

/** How one call to the model ended; a failed one says whether the same call may succeed in a moment. */
export type CallResult = Extract<ModelResult, { ok: true }> | CallFailure
export type CallFailure = {
  ok: false
  code: ModelFailure
  detail: string
  retryable: boolean
  retryAfterMs?: number
  /** What the provider said, when it said anything. */
  said?: ProviderError
}

/** An error in a provider's words. `status` is null inside a stream. */
export type ProviderError = {
  status: number | null
  code: string | null
  message: string
  param: string | null
  retryAfterMs: number | null
  /** What it says of the provider's limits, in headers or words. */
  limits: HeardLimits
}

/** The answer broke off, timed out, or never began: it may be asked again. */
export const broken = (detail: string): CallFailure => ({
  ok: false,
  code: "model-unavailable",
  detail,
  retryable: true,
})

/** What a provider's error means in the contract's words, and whether to try again. */
export const failureOf = (said: ProviderError): CallFailure => {
  const { status } = said
  const fail = (code: ModelFailure, retryable: boolean): CallFailure => ({
    ok: false,
    code,
    detail: inWords(said),
    retryable,
    ...(said.retryAfterMs === null ? {} : { retryAfterMs: said.retryAfterMs }),
    said,
  })
  // Limits of one connection: a new one has none of it.
  if (said.code?.startsWith("websocket_") === true)
    return { ...fail("model-unavailable", true), retryAfterMs: 0 }
  if (isOverflow(said)) return fail("context-overflow", false)
  if (isRefusal(said)) return fail("model-refused", false)
  if (isQuota(said)) return fail("model-rate-limited", false)
  if (status === 401 || status === 403) return fail("model-auth", false)
  if (status === 404 || said.code === "model_not_found") return fail("model-unknown", false)
  if (status === 429 || said.code === "rate_limit_exceeded") return fail("model-rate-limited", true)
  // Inside a stream there is no status: what is not known by its code is the service's own trouble.
  if (status === null || status >= 500 || status === 408 || status === 409 || status === 425)
    return fail("model-unavailable", true)
  return fail("model-refused", false)
}

const isOverflow = ({ code, message }: ProviderError): boolean =>
  code === "context_length_exceeded" ||
  /maximum context length|context window|context length|prompt is too long/i.test(message)

const refusals = new Set(["content_filter", "content_policy_violation", "invalid_prompt", "cyber_policy"])
const isRefusal = ({ code }: ProviderError): boolean => code !== null && refusals.has(code)

/** Waiting does not bring money back. */
const quotas = new Set(["insufficient_quota", "billing_hard_limit_reached", "usage_not_included"])
const isQuota = ({ code }: ProviderError): boolean => code !== null && quotas.has(code)

const inWords = ({ status, code, message }: ProviderError): string => {
  const facts = [status === null ? "" : `HTTP ${status}`, code ?? ""].filter(fact => fact !== "").join(", ")
  return facts === "" ? message : `${message} (${facts})`
}

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)

/** Reads an error object (`{ code, message, param }`) as providers send it, whichever fields are there. */
export const readError = (
  value: unknown,
  around: { status: number | null; header?: (name: string) => string | null },
): ProviderError => {
  const fields = fieldsOf(value)
  const message = textOf(fields.message) ?? textOf(value) ?? "The provider gave no reason"
  const header = around.header ?? (() => null)
  const code = textOf(fields.code) ?? (typeof fields.code === "number" ? null : textOf(fields.type))
  return {
    status: around.status,
    code,
    message: message.slice(0, 1_000),
    param: textOf(fields.param),
    retryAfterMs: retryAfter(header) ?? retryAfterInWords(message),
    limits: { ...limitsInWords(message), ...limitsInHeaders(header) },
  }
}

/** Reads the body of an answer that is not 2xx: `{ error: {…} }`, `{ message }`, or any text. */
export const readErrorBody = (
  body: string,
  around: { status: number; header: (name: string) => string | null },
): ProviderError => {
  const parsed = parseOr(body)
  const inner = fieldsOf(parsed).error ?? fieldsOf(fieldsOf(parsed).detail).error ?? parsed
  return readError(inner, around)
}

const parseOr = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return body.trim().slice(0, 1_000) // a proxy's page, or nothing
  }
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
const retryAfter = (header: (name: string) => string | null): number | null => {
  const ms = Number.parseFloat(header("retry-after-ms") ?? "")
  if (ms >= 0) return ms
  const text = header("retry-after")
  if (text === null) return null
  const seconds = Number(text)
  if (seconds >= 0) return seconds * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now())
}

/** Inside a stream there are no headers: rate limits say "Please try again in 1.898s". */
const retryAfterInWords = (message: string): number | null => {
  const found = /try again in ([\d.]+) ?(ms|s\b|seconds?\b)/i.exec(message)
  if (found === null) return null
  const amount = Number(found[1])
  return Number.isNaN(amount) ? null : found[2]?.toLowerCase() === "ms" ? amount : amount * 1000
}
