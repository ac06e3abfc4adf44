import type { TranscriptItem } from "@twolane/protocol"
import type { RateGate, RateWait } from "./rate-gate.ts"
import type { Note } from "./steering.ts"

/** A tool as the Responses API takes it. A provider without custom tools gets a function with one string `input`. */
export type ToolSpec =
  | {
      type: "function"
      name: string
      description: string
      parameters: Record<string, unknown>
      strict?: boolean
    }
  | { type: "custom"; name: string; description: string; grammar: string }

/** One model call. `context` is the whole conversation, oldest first; the session itself sends only what the model has not got. */
export type ModelRequest = {
  instructions: string
  context: readonly TranscriptItem[]
  tools: readonly ToolSpec[]
  maxOutputTokens?: number
}

/** What arrives while the model speaks. `item` is a whole output item; `retry` says that the call begins again (drop its deltas). */
export type ModelEvent =
  | { type: "text"; text: string }
  | { type: "tool"; call: string; name: string; text: string }
  | { type: "item"; item: TranscriptItem }
  | { type: "retry"; reason: string; afterMs: number }
  /** The call waits for its provider's rate limit, and goes on. */
  | ({ type: "waiting" } & RateWait)
  | { type: "resumed"; waitedMs: number }

export type ModelUsage = { inputTokens: number; cachedTokens: number; outputTokens: number }

/** Why a call failed for good, in the contract's words. */
export type ModelFailure =
  | "model-auth"
  | "model-unknown"
  | "model-rate-limited"
  | "model-unavailable"
  | "model-refused"
  | "context-overflow"

/** How one call ended. `items` are the whole output items in order; none of them is from a stream that broke. */
export type ModelResult =
  | {
      ok: true
      items: TranscriptItem[]
      usage: ModelUsage
      ttftMs: number | null
      durationMs: number
      incomplete?: "max_output_tokens" | "content_filter" | "steered"
      /**
       * The keys of notes that the model's side holds, in order: they come next in the conversation, before any results that the
       * answer's calls are owed.
       */
      taken?: string[]
    }
  | { ok: false; code: ModelFailure; detail: string; retryAfterMs?: number }

/** A conversation with one model: a WebSocket of its own, or plain requests. It may be kept from turn to turn. Never throws but for an abort. */
export type ModelSession = AsyncDisposable & {
  step(request: ModelRequest, onEvent: (event: ModelEvent) => void, signal: AbortSignal): Promise<ModelResult>
  /**
   * Connects, and lets the model read the conversation ahead of the step that will continue it; a step that comes meanwhile waits
   * for it. Where that cannot be done, or fails, nothing happens: the step does without.
   */
  warm(request: ModelRequest, signal: AbortSignal): Promise<void>
  /**
   * Hands a note to the answer that is being given (`response.steer`). True once the model's side holds it: it is applied only when
   * the step's result names it. False: it can't be done, and the note belongs before the next step. Never rejects.
   */
  steer(note: Note): Promise<boolean>
}

export type ModelTransport = "websocket" | "sse" | "chat" | "auto"

/** Where a lane's model is and how it is spoken to. */
export type ModelEndpoint = {
  model: string
  baseUrl: string
  apiKey: string
  transport: ModelTransport
}

/** Opens a session; connecting happens on the first step. Without a gate nobody looks after the provider's limits. */
export type OpenModel = (endpoint: ModelEndpoint, gate?: RateGate) => ModelSession
