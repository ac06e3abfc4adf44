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
import { type Client, createClient } from "../src/index.ts"

/** A call that the double got. */
export type Call = { method: string; url: string; headers: IncomingMessage["headers"]; body: unknown }

/** A server that answers as a gateway would, word for word as a test says. */
export type Double = AsyncDisposable & { readonly client: Client; readonly calls: Call[] }

/** Starts a double; `answers` are given in order, one a call. */
export const startDouble = async (
  ...answers: readonly ((response: ServerResponse) => void)[]
): Promise<Double> => {
  const calls: Call[] = []
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const sent = await text(request)
    const { method = "", url = "", headers } = request
    const answer = answers[calls.length]
    calls.push({ method, url, headers, body: sent === "" ? null : JSON.parse(sent) })
    if (answer === undefined) response.writeHead(500).end()
    else answer(response)
  }
  const server = createServer((request, response) => void serve(request, response)).listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    client: createClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: "k" }),
    calls,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

/** An event of task_1. */
export const eventOf = (id: string, turn: string, body: EventBody): TaskEvent => ({
  id,
  task: "task_1",
  turn,
  attempt: 1,
  at: 0,
  ...body,
})

export const started = (id: string, turn: string): TaskEvent =>
  eventOf(id, turn, {
    type: "turn.started",
    lane: "fast",
    worker: "w",
    model: "m",
    engine: "builtin",
    base: null,
    branch: "b",
  })

export const ended = (id: string, turn: string, outcome: Outcome): TaskEvent =>
  eventOf(id, turn, { type: "turn.ended", outcome, usage: noUsage })

export const said = (id: string, turn: string, text: string): TaskEvent =>
  eventOf(id, turn, { type: "message.done", text })

export const delta = (text: string): TaskDelta => ({
  type: "message.delta",
  task: "task_1",
  turn: "turn_1",
  attempt: 1,
  at: 0,
  text,
})

/** What a stream says; a problem may come in its midst. */
type Message = TaskEvent | TaskDelta | { problem: Problem }

/** Answers with an event stream of these messages, which then ends well, breaks, or stays open. */
export const stream =
  (messages: readonly Message[], end: "well" | "broken" | "open" = "well") =>
  (response: ServerResponse): void => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" })
    for (const message of messages) response.write(frameOf(message))
    if (end === "well") response.end()
    if (end === "broken") setImmediate(() => response.destroy())
  }

const frameOf = (message: Message): string => {
  if ("problem" in message) return `event: problem\ndata: ${JSON.stringify(message.problem)}\n\n`
  return `${"id" in message ? `id: ${message.id}\n` : ""}data: ${JSON.stringify(message)}\n\n`
}

/** A problem document. */
export const problemOf = (code: string, status: number, retryable: boolean): Problem => ({
  type: `urn:twolane:problem:${code}`,
  title: code,
  status,
  detail: "",
  code,
  requestId: "req_1",
  retryable,
})

/** Answers with JSON. */
export const json =
  (status: number, body: unknown) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
