import type { TranscriptItem } from "@twolane/protocol"
import { isCall, messageGap, messageText } from "../items.ts"
import { asCustomItem } from "./dialect.ts"
import { type CallResult, failureOf, readError } from "./failure.ts"
import { fieldsOf, isRecord } from "./fields.ts"
import type { ModelEvent, ModelUsage } from "./port.ts"
import { makeInputReader } from "./unwrap-input.ts"

/** One event of the Responses API. Only what is read of it is checked. */
export type WireEvent = { type: string } & Record<string, unknown>

/** Parses one frame; null when it is no event. */
export const parseEvent = (text: string): WireEvent | null => {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) && typeof value.type === "string" ? (value as WireEvent) : null
  } catch {
    return null // not JSON: the caller ignores it, as it does unknown events
  }
}

const countOf = (value: unknown): number =>
  typeof value === "number" && value >= 0 && Number.isFinite(value) ? Math.round(value) : 0

/** One answer on its way: folds events, passes on what is said, and answers the result with the last event. */
export type Reply = {
  accept(event: WireEvent): CallResult | null
  /** The id of the response, once it has begun. */
  id(): string | null
}

type Call = { call: string; name: string; read: ((piece: string) => string) | null }

/** What was heard of an answer so far. */
type Heard = {
  startedAt: number
  firstAt: number | null
  id: string | null
  /** Calls under way, by their place in the output. */
  calls: Map<unknown, Call>
  items: TranscriptItem[]
  /** What stands before the next piece of text: a message that follows another is set apart from it. */
  gap: string
  /** Custom tools that were offered as functions. */
  wrapped: ReadonlySet<string>
  onEvent: (event: ModelEvent) => void
}

type Incomplete = "max_output_tokens" | "content_filter" | "steered"

/** Begins to read an answer; `wrapped` names the custom tools that were offered as functions. */
export const startReply = (onEvent: (event: ModelEvent) => void, wrapped: ReadonlySet<string>): Reply => {
  const startedAt = performance.now()
  const heard: Heard = {
    startedAt,
    firstAt: null,
    id: null,
    calls: new Map(),
    items: [],
    gap: "",
    wrapped,
    onEvent,
  }
  return { accept: event => accept(heard, event), id: () => heard.id }
}

const accept = (heard: Heard, event: WireEvent): CallResult | null => {
  switch (event.type) {
    case "response.created":
      heard.id = String(fieldsOf(event.response).id)
      return null
    case "response.output_text.delta":
    case "response.refusal.delta":
      said(heard, event.delta)
      return null
    case "response.function_call_arguments.delta":
    case "response.custom_tool_call_input.delta":
      wrote(heard, event)
      return null
    case "response.output_item.added":
      begun(heard, event)
      return null
    case "response.output_item.done":
      itemDone(heard, event.item)
      return null
    case "response.completed":
      return ended(heard, event, null)
    case "response.incomplete":
      return ended(heard, event, incompleteReason(event))
    case "response.failed":
      return failureOf(readError(fieldsOf(event.response).error, { status: null }))
    case "error":
      return errorOf(event)
    default:
      return null
  }
}

const said = (heard: Heard, text: unknown): void => {
  if (typeof text !== "string" || text === "") return
  heard.firstAt ??= performance.now()
  heard.onEvent({ type: "text", text: heard.gap + text })
  heard.gap = ""
}

const begun = (heard: Heard, event: WireEvent): void => {
  const item = fieldsOf(event.item)
  if (typeof item.call_id !== "string" || typeof item.name !== "string") return
  const read = item.type === "function_call" && heard.wrapped.has(item.name) ? makeInputReader() : null
  heard.calls.set(event.output_index, { call: item.call_id, name: item.name, read })
}

const wrote = (heard: Heard, event: WireEvent): void => {
  const made = heard.calls.get(event.output_index)
  if (made === undefined || typeof event.delta !== "string") return
  heard.firstAt ??= performance.now()
  const text = made.read === null ? event.delta : made.read(event.delta)
  if (text !== "") heard.onEvent({ type: "tool", call: made.call, name: made.name, text })
}

const itemDone = (heard: Heard, value: unknown): void => {
  if (!isRecord(value)) return
  const item = asCustomItem(value, heard.wrapped)
  heard.items.push(item)
  if (messageText(item, "assistant") !== "") heard.gap = messageGap
  if (!isHalfCall(item)) heard.onEvent({ type: "item", item })
}

const ended = (heard: Heard, event: WireEvent, incomplete: Incomplete | null): CallResult => {
  const response = fieldsOf(event.response)
  const output = Array.isArray(response.output) ? (response.output as TranscriptItem[]) : []
  const items = heard.items.length > 0 ? heard.items : output.map(item => asCustomItem(item, heard.wrapped))
  const { startedAt, firstAt } = heard
  const times = {
    ttftMs: firstAt === null ? null : firstAt - startedAt,
    durationMs: performance.now() - startedAt,
  }
  return finished(wholeItems(items), usageOf(response.usage), times, incomplete)
}

/**
 * The result of a whole answer, on every transport. An answer that is nothing but a refusal is the provider's no.
 */
export const finished = (
  items: TranscriptItem[],
  usage: ModelUsage,
  times: { ttftMs: number | null; durationMs: number },
  incomplete: Incomplete | null,
): CallResult => {
  const refusal = incomplete === null ? refusalIn(items) : null
  if (refusal !== null) return { ok: false, code: "model-refused", detail: refusal, retryable: false }
  const round = (ms: number) => Math.round(ms * 10) / 10
  return {
    ok: true,
    items,
    usage,
    ttftMs: times.ttftMs === null ? null : round(times.ttftMs),
    durationMs: round(times.durationMs),
    ...(incomplete === null ? {} : { incomplete }),
  }
}

const incompleteReason = (event: WireEvent): Incomplete => {
  const { reason } = fieldsOf(fieldsOf(event.response).incomplete_details)
  return reason === "content_filter" || reason === "steered" ? reason : "max_output_tokens"
}

const isHalfCall = (item: TranscriptItem): boolean => isCall(item) && item.status === "incomplete"

/**
 * The items that may be kept: no call that was cut off (half a patch must never be applied), and no reasoning at the end, which
 * the service refuses when nothing follows it.
 */
const wholeItems = (items: readonly TranscriptItem[]): TranscriptItem[] => {
  const whole = items.filter(item => !isHalfCall(item))
  while (whole.at(-1)?.type === "reasoning") whole.pop()
  return whole
}

const refusalIn = (items: readonly TranscriptItem[]): string | null => {
  if (items.some(isCall)) return null
  const parts = items.flatMap(item => (Array.isArray(item.content) ? (item.content as unknown[]) : []))
  const refusals = parts.map(part => fieldsOf(part).refusal).filter(text => typeof text === "string")
  return refusals.length === 0 ? null : refusals.join("\n")
}

const usageOf = (value: unknown): ModelUsage => {
  const usage = fieldsOf(value)
  return {
    inputTokens: countOf(usage.input_tokens),
    cachedTokens: countOf(fieldsOf(usage.input_tokens_details).cached_tokens),
    outputTokens: countOf(usage.output_tokens),
  }
}

/** An `error` event: `{ status, error, headers }` of a socket, or `{ code, message }` of a stream. */
const errorOf = (event: WireEvent): CallResult => {
  const status = event.status ?? event.status_code
  const headers = fieldsOf(event.headers)
  const header = (name: string) => (typeof headers[name] === "string" ? headers[name] : null)
  return failureOf(
    readError(event.error ?? event, { status: typeof status === "number" ? status : null, header }),
  )
}
