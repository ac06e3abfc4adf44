import { randomBytes } from "node:crypto"
import type { TranscriptItem } from "@twolane/protocol"
import { z } from "zod"
import { asCustomItem } from "./dialect.ts"
import { broken, type CallResult, failureOf, readError } from "./failure.ts"
import type { ModelEvent, ModelUsage } from "./port.ts"
import { finished } from "./reply.ts"
import { makeInputReader } from "./unwrap-input.ts"

const Piece = z.object({
  index: z.number().int().optional(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
})

const Chunk = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            tool_calls: z.array(Piece).nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z
    .object({
      prompt_tokens: z.number().nonnegative(),
      completion_tokens: z.number().nonnegative(),
      prompt_tokens_details: z.object({ cached_tokens: z.number().nonnegative().nullish() }).nullish(),
    })
    .nullish(),
  error: z.unknown().optional(),
})

type Call = { id: string; name: string; arguments: string; read: ((piece: string) => string) | null }

/** What the answer's reader has to know of the request. */
export type ChatAsked = {
  /** Tools that take free text. */
  custom: ReadonlySet<string>
  /** Call ids of the conversation: some hosts give the same ones again in every answer. */
  usedIds: ReadonlySet<string>
  /** The size of the request, to estimate usage where the host reports none. */
  bytes: number
}

/** What was heard of an answer so far. */
type Heard = {
  asked: ChatAsked
  startedAt: number
  firstAt: number | null
  text: string
  refusal: string
  calls: Map<number, Call>
  usage: ModelUsage | null
  /** Why the host says that it stopped. */
  finish: string | null
  onEvent: (event: ModelEvent) => void
}

/** Folds the chunks of one Chat Completion into the items, events and result that the Responses API would have given. */
export const startChatReply = (onEvent: (event: ModelEvent) => void, asked: ChatAsked) => {
  const heard: Heard = {
    asked,
    startedAt: performance.now(),
    firstAt: null,
    text: "",
    refusal: "",
    calls: new Map(),
    usage: null,
    finish: null,
    onEvent,
  }
  return {
    /** Takes one frame's data; a result only for an error inside the stream, or the end. */
    accept: (data: string): CallResult | null => (data === "[DONE]" ? end(heard) : accept(heard, data)),
    /** The stream ended: a whole answer only when the host said why it stopped. */
    end: (): CallResult => end(heard),
  }
}

const accept = (heard: Heard, data: string): CallResult | null => {
  const chunk = parseChunk(data)
  if (chunk === null) return null
  if (chunk.error != null) return failureOf(readError(chunk.error, { status: null }))
  if (chunk.usage != null) heard.usage = usageOf(chunk.usage)
  const [choice] = chunk.choices
  const { content, refusal, tool_calls } = choice?.delta ?? {}
  if (content) {
    heard.text += content
    say(heard, content)
  }
  if (refusal) {
    heard.refusal += refusal
    say(heard, refusal)
  }
  for (const piece of tool_calls ?? []) write(heard, piece)
  heard.finish = choice?.finish_reason ?? heard.finish
  return null
}

const say = (heard: Heard, text: string): void => {
  heard.firstAt ??= performance.now()
  heard.onEvent({ type: "text", text })
}

const write = (heard: Heard, piece: z.infer<typeof Piece>): void => {
  const { calls } = heard
  const index = piece.index ?? Math.max(0, calls.size - (piece.id ? 0 : 1))
  const made = calls.get(index) ?? newCall(piece, heard.asked, calls)
  calls.set(index, made)
  const args = piece.function?.arguments ?? ""
  if (args === "") return
  heard.firstAt ??= performance.now()
  made.arguments += args
  const text = made.read === null ? args : made.read(args)
  if (text !== "") heard.onEvent({ type: "tool", call: made.id, name: made.name, text })
}

const end = (heard: Heard): CallResult => {
  const { asked, finish, startedAt, firstAt, text } = heard
  if (finish === null) return broken("the answer ended before it was whole")
  const cut = finish === "length" ? "max_output_tokens" : finish === "content_filter" ? finish : null
  const made = [...heard.calls.values()]
  // The last call of an answer that was cut off may be half a call.
  const whole = cut === null ? made : made.slice(0, -1)
  const items = [...messageItems(text, heard.refusal), ...whole.map(call => callItem(call, asked.custom))]
  for (const item of items) heard.onEvent({ type: "item", item })
  const times = {
    ttftMs: firstAt === null ? null : firstAt - startedAt,
    durationMs: performance.now() - startedAt,
  }
  return finished(items, heard.usage ?? estimate(asked, text, made), times, cut)
}

const parseChunk = (data: string): z.infer<typeof Chunk> | null => {
  try {
    const parsed = Chunk.safeParse(JSON.parse(data))
    return parsed.success ? parsed.data : null
  } catch {
    return null // not JSON: some hosts send comments as data
  }
}

const newCall = (piece: z.infer<typeof Piece>, asked: ChatAsked, calls: Map<number, Call>): Call => {
  const name = piece.function?.name ?? ""
  const taken = (id: string) => asked.usedIds.has(id) || [...calls.values()].some(call => call.id === id)
  const id = piece.id && !taken(piece.id) ? piece.id : `call_${randomBytes(12).toString("hex")}`
  return { id, name, arguments: "", read: asked.custom.has(name) ? makeInputReader() : null }
}

const messageItems = (text: string, refusal: string): TranscriptItem[] => {
  const content = [
    ...(text === "" ? [] : [{ type: "output_text", text, annotations: [] }]),
    ...(refusal === "" ? [] : [{ type: "refusal", refusal }]),
  ]
  return content.length === 0 ? [] : [{ type: "message", role: "assistant", status: "completed", content }]
}

const callItem = (call: Call, custom: ReadonlySet<string>): TranscriptItem => {
  const args = call.arguments === "" ? "{}" : call.arguments
  const item = {
    type: "function_call",
    status: "completed",
    call_id: call.id,
    name: call.name,
    arguments: args,
  }
  return asCustomItem(item, custom)
}

const usageOf = (usage: NonNullable<z.infer<typeof Chunk>["usage"]>): ModelUsage => ({
  inputTokens: Math.round(usage.prompt_tokens),
  cachedTokens: Math.round(usage.prompt_tokens_details?.cached_tokens ?? 0),
  outputTokens: Math.round(usage.completion_tokens),
})

/** Four characters a token: limits must count something where a host counts nothing. */
const estimate = (asked: ChatAsked, text: string, calls: readonly Call[]): ModelUsage => {
  const written = text.length + calls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0)
  return { inputTokens: Math.ceil(asked.bytes / 4), cachedTokens: 0, outputTokens: Math.ceil(written / 4) }
}
