import { backoffMs, pause } from "./pause.ts"
import { Unreachable } from "./problem.ts"

/** Where the gateway is, and who calls. */
export type ClientOptions = {
  /** Such as `http://127.0.0.1:4200`. */
  baseUrl: string
  /** A browser on the page has none: its session's cookie goes along by itself. */
  apiKey?: string
  /** The word of the page's session (`GET /v1/me`, `session.csrf`), asked for at each call with an effect; null before it is known. */
  csrf?: () => string | null
  /** Instead of the global one. */
  fetch?: typeof fetch
  /** Which part of Twolane calls; a task's `origin` is then its name instead of `api`. */
  origin?: "cli" | "page" | "mcp"
}

/** Sends one request, again when it surely may be. */
export type Transport = {
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  /** @throws Unreachable */
  send: (request: Request) => Promise<Response>
}

/** How often a request is sent in all. */
const maxTries = 3

/** Makes the one place that calls `fetch`. */
export const createTransport = (options: ClientOptions): Transport => {
  const baseUrl = options.baseUrl.replace(/\/+$/, "")
  const call = options.fetch ?? fetch
  const { apiKey, origin, csrf } = options
  const headers = {
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...(origin === undefined ? {} : { "twolane-origin": origin }),
  }
  const send = (request: Request) => {
    const word = request.method === "GET" ? null : (csrf?.() ?? null)
    if (word !== null) request.headers.set("x-twolane-csrf", word)
    return sendPatiently(call, baseUrl, request)
  }
  return { baseUrl, headers, send }
}

/** A gateway that restarts is gone for a moment: what has no second effect is sent again. */
const sendPatiently = async (call: typeof fetch, baseUrl: string, request: Request): Promise<Response> => {
  const repeatable = request.method !== "POST" || request.headers.has("idempotency-key")
  for (let tries = 1; ; tries += 1) {
    const last = !repeatable || tries >= maxTries
    try {
      const response = await call(last ? request : request.clone())
      if (last || !(await isAway(response))) return response
    } catch (error) {
      request.signal.throwIfAborted()
      if (last) throw new Unreachable(baseUrl, error)
    }
    await pause(backoffMs(tries), request.signal)
    request.signal.throwIfAborted()
  }
}

/** Codes of a gateway, or Redis behind it, that is away for a moment. */
export const awayCodes: ReadonlySet<unknown> = new Set([
  "store-unavailable",
  "shutting-down",
  "idempotency-running",
])

/** Whether an answer says that the gateway, or Redis behind it, is away for a moment. */
const isAway = async (response: Response): Promise<boolean> => {
  if (response.status !== 503 && response.status !== 409) return false
  try {
    const problem: unknown = await response.clone().json()
    return awayCodes.has((problem as { code?: unknown }).code)
  } catch {
    // Not a document of ours: whoever called reads the answer as it is.
    return false
  }
}
