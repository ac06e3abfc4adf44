import type { CardFile } from "../card/card.ts"
import type { Posted } from "../posting.ts"

/** Where Discord's API is, and how to call it. */
export type DiscordAccess = { apiUrl: string; token: string; applicationId: string }
/** A call of it; a file goes beside the body. */
export type DiscordCall = { method: "GET" | "POST" | "PATCH"; path: string; body?: object; file?: CardFile }

const timeoutMs = 10_000
const shortestRestMs = 1_000

type Failed = Extract<Posted, { ok: false }>

/** Calls Discord's API, bounded in time, and says how a failure is meant. @throws the signal's reason */
export const askDiscord = async (
  { apiUrl, token }: DiscordAccess,
  { method, path, ...sent }: DiscordCall,
  signal: AbortSignal,
): Promise<{ ok: true; body: unknown } | Failed> => {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(apiUrl + path, {
      method,
      redirect: "error",
      headers: {
        authorization: `Bot ${token}`,
        "user-agent": "DiscordBot (https://github.com/twolane, 0.1.0)",
        ...(sent.body === undefined || sent.file !== undefined ? {} : { "content-type": "application/json" }),
      },
      ...(sent.body === undefined ? {} : { body: encoded(sent.body, sent.file) }),
      signal: AbortSignal.any([timeout, signal]),
    })
    const text = await response.text()
    return response.ok ? { ok: true, body: text === "" ? null : JSON.parse(text) } : failureOf(response, text)
  } catch (error) {
    signal.throwIfAborted()
    const said = error instanceof Error ? error.message : String(error)
    return { ok: false, why: "unsure", error: said.slice(0, 300), ...(timeout.aborted ? { late: true } : {}) }
  }
}

const encoded = (body: object, file: CardFile | undefined): string | FormData => {
  const json = JSON.stringify(body)
  if (file === undefined) return json
  const form = new FormData()
  form.set("payload_json", json)
  form.set("files[0]", new Blob([file.text], { type: "text/markdown" }), file.name)
  return form
}

const failureOf = (response: Response, text: string): Failed => {
  const { status } = response
  if (status === 429) {
    const seconds = Number(response.headers.get("retry-after"))
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds * 1_000) : shortestRestMs
    return { ok: false, why: "limited", retryAfterMs }
  }
  if (status >= 500) return { ok: false, why: "unsure", error: `Discord answered ${status}` }
  const code = /"code":\s*(\d{1,7})/.exec(text)?.[1] ?? ""
  return { ok: false, why: "refused", error: `${code} ${text}`.slice(0, 300) }
}
