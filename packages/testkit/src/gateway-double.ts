import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import {
  type EventBody,
  noUsage,
  type Outcome,
  type Problem,
  type TaskDelta,
  type TaskEvent,
} from "@twolane/protocol"

/** A call that a double got. */
export type DoubleCall = { method: string; url: string; headers: IncomingMessage["headers"]; body: unknown }

/** Answers one call, word for word as a test says. */
export type DoubleAnswer = (response: ServerResponse, call: DoubleCall) => void

/** A server in a gateway's place, for what no real one can be made to say. */
export type GatewayDouble = AsyncDisposable & { readonly url: string; readonly calls: DoubleCall[] }

/** Starts a double; `answerTo` chooses the answer to a call, which is the last of `calls` by then. */
export const startGatewayDouble = async (
  answerTo: (call: DoubleCall, calls: readonly DoubleCall[]) => DoubleAnswer,
): Promise<GatewayDouble> => {
  const calls: DoubleCall[] = []
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const sent = await text(request)
    const { method = "", url = "", headers } = request
    const call = { method, url, headers, body: sent === "" ? null : JSON.parse(sent) }
    calls.push(call)
    answerTo(call, calls)(response, call)
  }
  const server = createServer((request, response) => void serve(request, response)).listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

/** Answers with JSON. */
export const json =
  (status: number, body: unknown): DoubleAnswer =>
  response =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))

/** A problem document. */
export const problemDocument = (code: string, status: number, retryable = false): Problem => ({
  type: `urn:twolane:problem:${code}`,
  title: code,
  status,
  detail: "",
  code,
  requestId: "req_1",
  retryable,
})

/** What a stream says; a problem may come in its midst. */
export type StreamMessage = TaskEvent | TaskDelta | { problem: Problem }

/** Begins an event stream, or goes on with it. */
export const send = (response: ServerResponse, ...messages: readonly StreamMessage[]): void => {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" })
  for (const message of messages) response.write(frameOf(message))
}

const frameOf = (message: StreamMessage): string => {
  if ("problem" in message) return `event: problem\ndata: ${JSON.stringify(message.problem)}\n\n`
  return `${"id" in message ? `id: ${message.id}\n` : ""}data: ${JSON.stringify(message)}\n\n`
}

/** Answers with an event stream of these messages, which then ends well, breaks, or stays open. */
export const stream =
  (messages: readonly StreamMessage[], end: "well" | "broken" | "open" = "well"): DoubleAnswer =>
  response => {
    send(response, ...messages)
    if (end === "well") response.end()
    if (end === "broken") setImmediate(() => response.destroy())
  }

const around = (turn: string) => ({ task: "task_1", turn, attempt: 1, at: 0 })

/** An event of task_1. */
export const eventOf = (id: string, body: EventBody, turn = "turn_1"): TaskEvent => ({
  id,
  ...around(turn),
  ...body,
})

/** A turn that starts; the first one is fast. */
export const started = (id: string, turn = "turn_1", lane: "fast" | "deep" = "fast"): TaskEvent =>
  eventOf(
    id,
    { type: "turn.started", lane, worker: "w", model: "m", engine: "builtin", base: null, branch: "b" },
    turn,
  )

/** A turn that ends. */
export const ended = (id: string, outcome: Outcome, turn = "turn_1"): TaskEvent =>
  eventOf(id, { type: "turn.ended", outcome, usage: noUsage }, turn)

/** The hand-off of the first turn to a deep one, which brings nothing along. */
export const handoff = (id: string): TaskEvent =>
  eventOf(id, {
    type: "handoff.created",
    from: { turn: "turn_1", lane: "fast" },
    to: { turn: "turn_2", lane: "deep" },
    packet: {
      base: null,
      checkpoint: null,
      diff: "",
      filesRead: [],
      tried: [],
      tests: null,
      trips: [],
      steering: [],
      openQuestions: [],
      missing: [],
    },
  })

/** Live text of a message. */
export const messageText = (said: string): TaskDelta => ({
  ...around("turn_1"),
  type: "message.delta",
  text: said,
})
