import {
  Agent as HttpAgent,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from "node:http"
import { Agent as HttpsAgent, request as requestHttps } from "node:https"
import { authorization } from "./body.ts"
import { broken, type CallResult, failureOf, readErrorBody } from "./failure.ts"
import { type HeardLimits, limitsInHeaders } from "./limits.ts"
import { oneAnswer } from "./one-answer.ts"
import { makeFrameReader } from "./sse-frames.ts"
import type { ModelTiming } from "./timing.ts"

/** Connections that are kept open between calls; one pool for the whole process. */
export type Pool = { http: HttpAgent; https: HttpsAgent }

/** An empty pool. Its idle connections do not keep a process alive. */
export const makePool = (): Pool => ({
  http: new HttpAgent({ keepAlive: true }),
  https: new HttpsAgent({ keepAlive: true }),
})

/** One streamed POST: where to, with what, and who reads the frames. A frame that ends the answer gives the result. */
export type Post = {
  url: URL
  apiKey: string
  body: string
  onFrame: (event: string, data: string) => CallResult | null
  /** What the answer's headers say of the provider's limits. */
  onLimits: (limits: HeardLimits) => void
  /** The stream ended by itself before a frame ended the answer. */
  onEnd: () => CallResult
}

const maxErrorBytes = 64 * 1024

/** Sends a POST and reads its event stream to the frame that ends the answer. Rejects only with the signal's reason. */
export const postForStream = (
  pool: Pool,
  post: Post,
  timing: ModelTiming,
  signal: AbortSignal,
): Promise<CallResult> =>
  oneAnswer(
    timing.connectMs,
    hands => {
      const { url } = post
      const secure = url.protocol === "https:"
      const options: RequestOptions = {
        method: "POST",
        agent: secure ? pool.https : pool.http,
        headers: {
          ...authorization(post.apiKey),
          "content-type": "application/json",
          "content-length": Buffer.byteLength(post.body),
          accept: "text/event-stream",
          "user-agent": "twolane",
        },
      }
      const sent = secure ? requestHttps(url, options) : requestHttp(url, options)
      sent.on("socket", socket => {
        if (!socket.connecting) return hands.bear(timing.firstByteMs)
        socket.once(secure ? "secureConnect" : "connect", () => hands.bear(timing.firstByteMs))
      })
      sent.on("error", error => {
        const failure = broken(`the connection to the model broke: ${error.message}`)
        // A kept connection that the other side had closed meanwhile: nothing was wrong with this call.
        hands.settle(sent.reusedSocket ? { ...failure, retryAfterMs: 0 } : failure)
      })
      sent.on("response", response => {
        hands.bear(timing.idleMs)
        post.onLimits(limitsInHeaders(headerOf(response)))
        response.on("data", () => hands.heard())
        if (isStream(response)) readStream(response, post, result => hands.settle(result))
        else readFailure(response, result => hands.settle(result))
      })
      sent.end(post.body)
      return () => sent.destroy()
    },
    signal,
  )

/** Reads one header of an answer. */
export const headerOf =
  (response: IncomingMessage) =>
  (name: string): string | null => {
    const value = response.headers[name]
    return typeof value === "string" ? value : null
  }

const isStream = (response: IncomingMessage): boolean =>
  response.statusCode === 200 && (response.headers["content-type"] ?? "").includes("text/event-stream")

const readStream = (response: IncomingMessage, post: Post, settle: (result: CallResult) => void): void => {
  let whole = false
  const end = (result: CallResult) => {
    whole = true
    settle(result)
  }
  const read = makeFrameReader((event, data) => {
    const result = whole ? null : post.onFrame(event, data)
    if (result !== null) end(result)
  })
  response.on("data", read)
  response.on("end", () => void (whole || end(post.onEnd())))
  response.on("error", error => end(broken(`the answer broke off: ${error.message}`)))
  response.on("close", () => end(broken("the answer broke off")))
}

const readFailure = (response: IncomingMessage, settle: (result: CallResult) => void): void => {
  const chunks: Buffer[] = []
  let size = 0
  const end = () => {
    const status = response.statusCode ?? 0
    const body = Buffer.concat(chunks).toString("utf8")
    if (status === 200)
      return settle({ ...broken(`the answer is no event stream: ${body.slice(0, 200)}`), retryable: false })
    settle(failureOf(readErrorBody(body, { status, header: headerOf(response) })))
  }
  response.on("data", (chunk: Buffer) => {
    size += chunk.length
    chunks.push(chunk)
    if (size > maxErrorBytes) {
      end()
      response.destroy()
    }
  })
  response.on("end", end)
  response.on("error", () => settle(broken("the answer broke off")))
  response.on("close", () => settle(broken("the answer broke off")))
}
