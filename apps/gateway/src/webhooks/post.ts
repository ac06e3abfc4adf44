import { once } from "node:events"
import { type IncomingMessage, request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import { lookupFor, targetOf } from "./target.ts"

/** A receiver that has not answered by then has not received. */
const timeoutMs = 10_000
/** More of an answer is not read. */
const mostAnswerBytes = 65_536

/** What came of a try: the status that the receiver answered with, or why there is none. */
export type PostResult = { status: number; retryAfterMs?: number } | { error: string }

/** Posts JSON to a webhook's URL, follows no redirect, and reads no more of the answer than shows that it ends. */
export const post = async (
  target: string,
  sent: { body: string; headers: Record<string, string> },
  { hosts, signal }: { hosts: readonly string[]; signal: AbortSignal },
): Promise<PostResult> => {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const url = targetOf(target, hosts)
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
      method: "POST",
      headers: { ...sent.headers, "content-length": Buffer.byteLength(sent.body) },
      // A connection of its own, so that each is checked.
      agent: false,
      lookup: lookupFor(url, hosts),
      signal: AbortSignal.any([timeout, signal]),
    })
    request.end(sent.body)
    const [response] = (await once(request, "response")) as [IncomingMessage]
    // The status says it all: how the rest of the answer ends changes nothing.
    await drain(response).catch(() => response.destroy())
    return { status: response.statusCode ?? 0, ...retryAfterOf(response) }
  } catch (error) {
    if (signal.aborted) throw error
    return { error: timeout.aborted ? `no answer within ${timeoutMs / 1_000} s` : wordsOf(error) }
  }
}

const drain = async (response: IncomingMessage): Promise<void> => {
  let bytes = 0
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length
    if (bytes > mostAnswerBytes) return
  }
}

const retryAfterOf = ({ headers }: IncomingMessage): { retryAfterMs?: number } => {
  const text = headers["retry-after"]
  if (text === undefined) return {}
  const ms = /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) && ms > 0 ? { retryAfterMs: ms } : {}
}

const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const code = "code" in error ? String(error.code) : ""
  return (error.message || code || error.name).slice(0, 300)
}
