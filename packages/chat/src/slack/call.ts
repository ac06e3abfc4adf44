import { SlackApiError, type SlackApiOptions } from "@chat-adapter/slack/api"
import type { Posted } from "../posting.ts"

/** A call that has not been answered by then may have been done. */
const timeoutMs = 10_000
const shortestRestMs = 1_000

/** Slack asked to be left alone; nothing was done. */
class Limited extends Error {
  readonly retryAfterMs: number

  constructor(retryAfter: string | null) {
    super("rate limited")
    const seconds = Number(retryAfter)
    this.retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : shortestRestMs
  }
}

/** Where Slack's API is, and with which bot's token to call it. */
export type SlackAccess = { apiUrl: string; token: string }

type Failed = Extract<Posted, { ok: false }>

/** Calls Slack's API, bounded in time, and says how a failure is meant. @throws the signal's reason */
export const callSlack = async <Answer extends { ok: true }>(
  access: SlackAccess,
  call: (options: SlackApiOptions) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer | Failed> => {
  const limited = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const both = AbortSignal.any([AbortSignal.timeout(timeoutMs), signal])
    const response = await fetch(input, { ...init, redirect: "error", signal: both })
    if (response.status === 429) throw new Limited(response.headers.get("retry-after"))
    if (response.status >= 500) throw new Error(`Slack answered ${response.status}`)
    return response
  }
  try {
    return await call({ ...access, fetch: limited })
  } catch (error) {
    signal.throwIfAborted()
    return failureOf(error)
  }
}

/** What Slack says when it is not well, and nothing was done. */
const passing: ReadonlySet<string> = new Set([
  "ratelimited",
  "rate_limited",
  "service_unavailable",
  "team_added_to_org",
])

const failureOf = (error: unknown): Failed => {
  if (error instanceof Limited) return { ok: false, why: "limited", retryAfterMs: error.retryAfterMs }
  const said = error instanceof Error ? error.message : String(error)
  if (!(error instanceof SlackApiError) || error.response === undefined) return lostWords(error, said)
  const code = error.response.error ?? ""
  if (passing.has(code)) return { ok: false, why: "limited", retryAfterMs: shortestRestMs }
  if (/^(?:fatal_error|internal_error|request_timeout)$/.test(code))
    return { ok: false, why: "unsure", error: code }
  return { ok: false, why: "refused", error: code || said.slice(0, 300) }
}

/** Nobody was there to do it: it was not done. */
const unreached: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH"])

/** A call without an answer; one that took too long may still be done after this. */
const lostWords = (error: unknown, said: string): Failed => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined
  if (cause !== undefined && "code" in cause && unreached.has(cause.code))
    return { ok: false, why: "limited", retryAfterMs: shortestRestMs }
  const late = error instanceof Error && error.name === "TimeoutError"
  return { ok: false, why: "unsure", error: said.slice(0, 300), ...(late ? { late: true } : {}) }
}
