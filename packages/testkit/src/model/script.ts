/** What a simulated model is told, and what it answers. A script is a plain function from the one to the other. */

/** One item of the Responses API. */
export type Item = Record<string, unknown>

/** How a request came in: over a socket, as an event stream, as one JSON answer, or as a Chat Completion. */
export type ModelTransportName = "websocket" | "sse" | "json" | "chat"

/** One request to the model, with the whole conversation whichever way it was sent. */
export type ScriptRequest = {
  readonly model: string
  readonly instructions: string
  /** Oldest first. Chat messages are given as items. */
  readonly items: readonly Item[]
  readonly tools: readonly { type: string; name: string }[]
  readonly transport: ModelTransportName
}

/** A piece of an answer. A call is sent in whichever shape the tool was offered in; `raw` sends its arguments as they are. */
export type ReplyItem =
  | { type: "message"; text: string }
  | { type: "refusal"; text: string }
  | { type: "reasoning"; summary?: string }
  | { type: "call"; name: string; input: string | Record<string, unknown> }
  | { type: "call"; name: string; raw: string }

/** How an answer goes wrong. `afterDeltas` counts the deltas sent before it does (0: none). */
export type ReplyFault =
  /** An error answer instead of a stream. */
  | { type: "status"; status: number; code?: string; message?: string; retryAfterSeconds?: number }
  /** The connection breaks. */
  | { type: "drop"; afterDeltas: number }
  /** Nothing more comes, and the connection stays open. */
  | { type: "hang"; afterDeltas: number }
  /** `response.failed`. */
  | { type: "failed"; afterDeltas: number; code: string; message: string }
  /** `response.incomplete`. */
  | { type: "incomplete"; afterDeltas: number; reason: "max_output_tokens" | "content_filter" }

/** Token counts of one answer. */
export type ReplyUsage = { inputTokens: number; cachedTokens: number; outputTokens: number }

/** What the model says; an empty list is an empty answer. */
export type Reply = {
  items: readonly ReplyItem[]
  /** By default counted from the texts, four characters a token; what the server was sent before is cached. */
  usage?: ReplyUsage
  /** How fast deltas come; by default as fast as they can be written. */
  tokensPerSecond?: number
  /** How long the model thinks before it says anything. */
  delayMs?: number
  /** Where it stops until a test says so: nothing more than `afterDeltas` deltas comes before `until`. In their order. */
  holds?: readonly { afterDeltas: number; until: Promise<unknown> }[]
  /** Called with each delta as it leaves, counted from 0 over the whole answer; what it answers is sent: a benchmark stamps the time. */
  onDelta?: (text: string, index: number) => string
  fault?: ReplyFault
}

/** A simulated model. It may answer later, when a test says so. */
export type Script = (request: ScriptRequest) => Reply | Promise<Reply>

/** An answer of one message. */
export const say = (text: string): Reply => ({ items: [{ type: "message", text }] })

/** An answer of tool calls; `["shell", { command: "ls" }]` is one. */
export const call = (...calls: [name: string, input: string | Record<string, unknown>][]): Reply => ({
  items: calls.map(([name, input]) => ({ type: "call", name, input })),
})

/** A script of fixed answers, one a request; beyond the last it says that it is over. */
export const inOrder = (...replies: readonly Reply[]): Script => {
  let next = 0
  return () => replies[next++] ?? say("The script is over.")
}
