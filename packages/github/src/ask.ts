import { Postponed } from "@twolane/common"
import type { z } from "zod"

/** The part of Octokit that is used: one request. */
export type Requester = {
  request: (
    route: string,
    parameters?: Record<string, unknown>,
  ) => Promise<{ data: unknown; headers?: { link?: string | undefined } }>
}

/** GitHub answered, and would not. */
export class GithubRefused extends Error {
  readonly status: number

  constructor(status: number, message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.name = "GithubRefused"
    this.status = status
  }
}

/** A request that has no answer by then is one that nobody knows the end of. */
const timeoutMs = 15_000
/** Where GitHub does not say how long it wants to be left alone. */
const awayMs = 5_000
/** GitHub's own advice for a limit without a time: a minute. */
const limitedMs = 60_000

/**
 * Asks GitHub for one thing, and reads the answer by its shape.
 * @throws Postponed when GitHub limits us or is away; GithubRefused when it says no; the signal's reason
 */
export const ask = async <Shape>(
  as: Requester,
  shape: z.ZodType<Shape>,
  call: Call,
  signal: AbortSignal,
): Promise<Shape> => (await askWhole(as, shape, call, signal)).data

/** As `ask`, for one page of a list: its items, and the cursor of the next one. */
export const askPage = async <Item>(
  as: Requester,
  shape: z.ZodType<Item[]>,
  call: Call,
  signal: AbortSignal,
): Promise<{ items: Item[]; cursor: string | null }> => {
  const { data, link } = await askWhole(as, shape, call, signal)
  const next = /<([^>]+)>;\s*rel="next"/.exec(link)?.[1]
  const cursor = next === undefined || !URL.canParse(next) ? null : new URL(next).searchParams.get("cursor")
  return { items: data, cursor }
}

type Call = [route: string, parameters?: Record<string, unknown>]

const askWhole = async <Shape>(
  { request }: Requester,
  shape: z.ZodType<Shape>,
  [route, parameters = {}]: Call,
  signal: AbortSignal,
): Promise<{ data: Shape; link: string }> => {
  signal.throwIfAborted()
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  try {
    const { data, headers } = await request(route, { ...parameters, request: { signal: within } })
    return { data: shape.parse(data), link: headers?.link ?? "" }
  } catch (error) {
    signal.throwIfAborted()
    throw failureOf(route, error)
  }
}

type HttpError = Error & {
  name: "HttpError"
  status: number
  response?: { headers: Record<string, string | number | undefined> }
}

const isHttpError = (error: unknown): error is HttpError =>
  error instanceof Error && error.name === "HttpError" && "status" in error

const failureOf = (route: string, error: unknown): unknown => {
  if (error instanceof Error && /^(?:AbortError|TimeoutError)$/.test(error.name))
    return new Postponed(`GitHub did not answer ${route} in time`, awayMs, { cause: error })
  if (!isHttpError(error)) return error
  const { status, response } = error
  // It is in a log and in a person's sight: GitHub's words, without the address of their documentation.
  const words = error.message.replace(/ - https?:\S+$/, "").slice(0, 500)
  const afterMs = isLimited(error) ? (waitOf(response?.headers ?? {}) ?? limitedMs) : undefined
  if (afterMs !== undefined) return new Postponed(`GitHub limits us: ${words}`, afterMs, { cause: error })
  if (status >= 500)
    return new Postponed(`GitHub is away: ${words}`, waitOf(response?.headers ?? {}) ?? awayMs, {
      cause: error,
    })
  return new GithubRefused(status, words, { cause: error })
}

/** Its first limit answers 403 or 429 with nothing left, its second one with `retry-after` or in words. */
const isLimited = ({ status, message, response }: HttpError): boolean => {
  if (status === 429) return true
  const { "x-ratelimit-remaining": left, "retry-after": after } = response?.headers ?? {}
  return status === 403 && (String(left) === "0" || after !== undefined || /rate limit/i.test(message))
}

const waitOf = (headers: Record<string, string | number | undefined>): number | undefined => {
  const after = Number(headers["retry-after"])
  if (Number.isFinite(after) && after >= 0) return after * 1_000
  if (String(headers["x-ratelimit-remaining"]) !== "0") return undefined
  const resetMs = Number(headers["x-ratelimit-reset"]) * 1_000 - Date.now()
  return Number.isFinite(resetMs) ? Math.max(resetMs, 1_000) : undefined
}
