import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { type EventBody, noUsage, type Outcome, type TaskDelta, type TaskEvent } from "@twolane/protocol"

/** A call that the double got. */
export type Call = { line: string; body: unknown }

/** How one route is answered: `POST /v1/tasks` and the like; an array gives its answers in order. */
export type Answer = (response: ServerResponse, call: Call) => void

/** A server that answers as a gateway would, word for word as a test says. */
export type Double = AsyncDisposable & {
  readonly url: string
  readonly calls: Call[]
  /** Resolves with the first call whose line is this one, also when it has come already. */
  called(line: string): Promise<Call>
}

/** Starts a double; each call of a route takes the next of its answers, the last one again and again. */
export const startDouble = async (routes: Readonly<Record<string, readonly Answer[]>>): Promise<Double> => {
  const calls: Call[] = []
  const waiting = new Map<string, (call: Call) => void>()
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const sent = await text(request)
    const line = `${request.method} ${request.url?.replace(/\?.*/, "")}`
    const call = { line, body: sent === "" ? null : JSON.parse(sent) }
    const answers = routes[line] ?? [json(404, problem("not-found", 404))]
    const answer = answers[calls.filter(each => each.line === line).length] ?? answers.at(-1)
    calls.push(call)
    waiting.get(line)?.(call)
    answer?.(response, call)
  }
  const server = createServer((request, response) => void serve(request, response)).listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    called: line => {
      const before = calls.find(call => call.line === line)
      if (before !== undefined) return Promise.resolve(before)
      return new Promise(resolve => waiting.set(line, resolve))
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

/** Answers with JSON. */
export const json =
  (status: number, body: unknown): Answer =>
  response =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))

/** A problem document. */
export const problem = (code: string, status: number) => ({
  type: `urn:twolane:problem:${code}`,
  title: code,
  status,
  detail: "",
  code,
  requestId: "req_1",
  retryable: false,
})

/** Begins an event stream with some messages. */
export const send = (response: ServerResponse, ...messages: readonly (TaskEvent | TaskDelta)[]): void => {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" })
  for (const message of messages)
    response.write(`${"id" in message ? `id: ${message.id}\n` : ""}data: ${JSON.stringify(message)}\n\n`)
}

/** Answers with an event stream of these messages. */
export const stream =
  (...messages: readonly (TaskEvent | TaskDelta)[]): Answer =>
  response => {
    send(response, ...messages)
    response.end()
  }

const around = (turn: string) => ({ task: "task_1", turn, attempt: 1, at: 0 })

/** An event of task_1. */
export const eventOf = (id: string, body: EventBody, turn = "turn_1"): TaskEvent => ({
  id,
  ...around(turn),
  ...body,
})
/** Live text of a message. */
export const messageText = (text: string): TaskDelta => ({ ...around("turn_1"), type: "message.delta", text })
/** Live text of a call. */
export const callText = (call: string, text: string): TaskDelta => ({
  ...around("turn_1"),
  type: "tool.delta",
  call,
  text,
})
/** A turn that starts. */
export const started = (id: string, lane: "fast" | "deep" = "fast", turn = "turn_1"): TaskEvent =>
  eventOf(
    id,
    { type: "turn.started", lane, worker: "w", model: "m", engine: "builtin", base: null, branch: "b" },
    turn,
  )
/** A turn that ends. */
export const ended = (id: string, outcome: Outcome, turn = "turn_1"): TaskEvent =>
  eventOf(id, { type: "turn.ended", outcome, usage: noUsage }, turn)
/** A patch of one line. */
export const patched = (id: string): TaskEvent =>
  eventOf(id, {
    type: "patch.applied",
    files: [{ path: "a.js", change: "modified", added: 1, removed: 1 }],
    diff: "--- a/a.js\n+++ b/a.js\n@@ -1 +1 @@\n-one\n+two\n",
    checkpoint: "c",
  })
/** Tests that passed. */
export const green = (id: string): TaskEvent =>
  eventOf(id, {
    type: "tests.ended",
    status: "passed",
    command: "npm test",
    passed: 2,
    durationMs: 90,
    output: "",
  })

/** The task as the API shows it. */
export const task = {
  id: "task_1",
  team: "default",
  repo: "shop",
  lane: "fast",
  status: "succeeded",
  title: "mend it",
  prompt: "mend it",
  by: { key: "key_1", name: "me" },
  origin: "cli",
  labels: [],
  priority: "normal",
  base: null,
  branch: "twolane/task_1",
  createdAt: 0,
  turns: [{ id: "turn_1", lane: "fast", status: "succeeded" }],
  gates: [],
  review: "open",
  usage: noUsage,
  lastEventId: "1-9",
}
