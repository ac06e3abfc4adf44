import { once } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import { ApiError, errorBody } from "./api-error.ts"
import { chatCompletion, makeChunker } from "./chat-chunks.ts"
import { ChatRequest, fromChat } from "./chat-request.ts"
import { encodeEvent } from "./encode.ts"
import { answerRequest, type Model, modelNames, remember } from "./model.ts"
import { newId } from "./planned.ts"
import { parseBody, parseJson, ResponseRequest } from "./request.ts"
import type { Answer, Ending } from "./response-events.ts"
import type { Item } from "./script.ts"
import { type Sink, streamAnswer } from "./stream.ts"

/** The largest body that is read. */
const maxBytes = 64 * 1024 * 1024

/** One plain request at work: what it is answered through, and a signal that ends when the caller has gone. */
type Exchange = { model: Model; response: ServerResponse; signal: AbortSignal }

/** Serves one plain HTTP request; every failure becomes the API's error body. */
export const serveHttp = async (
  model: Model,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const gone = new AbortController()
  // The response's close, not the request's: that one fires once a body was read.
  response.once("close", () => {
    if (!response.writableFinished) gone.abort()
  })
  response.setHeader("x-request-id", newId("req"))
  try {
    await route({ model, response, signal: gone.signal }, request)
  } catch (error) {
    if (gone.signal.aborted || response.destroyed) return
    answerError(response, asApiError(error))
  }
}

const route = async (exchange: Exchange, request: IncomingMessage): Promise<void> => {
  const { options } = exchange.model
  const path = new URL(request.url ?? "/", "http://localhost").pathname
  const speaks = (transport: "websocket" | "sse" | "chat") => options.transports?.includes(transport) ?? true
  const call = `${request.method} ${path}`
  if (path.startsWith("/v1/")) checkKey(options.apiKey, request)
  if (call === "GET /v1/models") return answerJson(exchange.response, listModels(options))
  if (call === "POST /v1/responses" && speaks("sse")) return serveResponse(exchange, await readBody(request))
  if (call === "POST /v1/chat/completions" && speaks("chat"))
    return serveChat(exchange, await readBody(request))
  throw new ApiError(404, `Invalid URL (${call})`)
}

/**
 * Compares the bearer key.
 * @throws ApiError 401.
 */
export const checkKey = (apiKey: string | undefined, request: IncomingMessage): void => {
  if (apiKey === undefined || request.headers.authorization === `Bearer ${apiKey}`) return
  throw new ApiError(401, "Incorrect API key provided.", { code: "invalid_api_key" })
}

const listModels = (options: Model["options"]): Item => ({
  object: "list",
  data: modelNames(options).map(id => ({ id, object: "model", created: 0, owned_by: "simulation" })),
})

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new ApiError(413, "The request body is too large.")
    chunks.push(chunk)
  }
  return parseJson(Buffer.concat(chunks).toString("utf8"))
}

const serveResponse = async (exchange: Exchange, body: unknown): Promise<void> => {
  const { model } = exchange
  const streams = typeof body === "object" && body !== null && "stream" in body && body.stream === true
  const done = model.recorder.record({
    transport: streams ? "sse" : "json",
    body: body as Item,
    connection: 0,
  })
  await settled(exchange, done, async () => {
    const request = parseBody(ResponseRequest, body)
    const origin = {
      transport: streams ? "sse" : "json",
      memory: model.stored,
      isSteered: () => false,
    } as const
    const { answer, items, headers } = await answerRequest(model, request, origin)
    setHeaders(exchange.response, headers)
    const write = streams ? eventStream(exchange.response, sseFrame) : null
    const ending = await streamAnswer(answer, write ?? ignore, exchange.signal)
    if (request.store !== false) remember(model.stored, answer, items, ending)
    await finish(exchange, ending, streams ? null : "response" in ending ? ending.response : null)
    return ending
  })
}

const serveChat = async (exchange: Exchange, body: unknown): Promise<void> => {
  const { model } = exchange
  const done = model.recorder.record({ transport: "chat", body: body as Item, connection: 0 })
  await settled(exchange, done, async () => {
    const chat = parseBody(ChatRequest, body)
    const origin = { transport: "chat", memory: model.stored, isSteered: () => false } as const
    const { answer, headers } = await answerRequest(model, fromChat(chat), origin)
    setHeaders(exchange.response, headers)
    const streams = chat.stream === true
    const ending = await streamAnswer(
      answer,
      streams ? chatStream(exchange.response, answer, chat) : ignore,
      exchange.signal,
    )
    if (streams && "response" in ending) exchange.response.write("data: [DONE]\n\n")
    await finish(
      exchange,
      ending,
      streams || !("output" in ending) ? null : chatCompletion(answer, chat, ending),
    )
    return ending
  })
}

/** Marks the record of a request with how it ended. */
const settled = async (
  exchange: Exchange,
  done: (how: "answered" | "refused" | "cut") => void,
  serve: () => Promise<Ending>,
): Promise<void> => {
  try {
    const ending = await serve()
    done("response" in ending ? "answered" : "cut")
  } catch (error) {
    done(exchange.signal.aborted ? "cut" : "refused")
    throw error
  }
}

const setHeaders = (response: ServerResponse, headers: Record<string, string>): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}

const ignore: Sink = async () => {}

const sseFrame = (event: Item): string => `event: ${String(event.type)}\ndata: ${encodeEvent(event)}\n\n`

const chatStream = (response: ServerResponse, answer: Answer, chat: ChatRequest): Sink => {
  const chunks = makeChunker(answer, chat)
  return eventStream(response, event =>
    chunks(event)
      .map(chunk => `data: ${JSON.stringify(chunk)}\n\n`)
      .join(""),
  )
}

/** Writes frames as an event stream, several in one write, and waits while the reader is slow. */
const eventStream = (response: ServerResponse, frame: (event: Item) => string): Sink => {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" })
  return events =>
    // Called with an error when the reader has gone: the signal tells of that.
    new Promise(resolve => response.write(events.map(frame).join(""), () => resolve()))
}

/** Ends the answer as its ending says; `whole` is the body of one that was not streamed. */
const finish = async (exchange: Exchange, ending: Ending, whole: Item | null): Promise<void> => {
  const { response, signal } = exchange
  if (ending.type === "drop") response.destroy()
  else if (ending.type === "hang") {
    if (!signal.aborted) await once(signal, "abort")
  } else if (whole !== null) answerJson(response, whole)
  else response.end()
}

const answerJson = (response: ServerResponse, body: Item): void => {
  response.setHeader("content-type", "application/json")
  response.end(JSON.stringify(body))
}

const answerError = (response: ServerResponse, error: ApiError): void => {
  if (response.headersSent) return void response.destroy()
  response.writeHead(error.status, { "content-type": "application/json", ...error.headers })
  response.end(JSON.stringify({ error: errorBody(error) }))
}

/** What is thrown as the API would say it; a script's own bug is a 500 that names it. */
export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError(500, `The script failed: ${String(error)}`, { code: "server_error" })
