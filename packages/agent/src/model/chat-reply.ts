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

/** Folds the chunks of one Chat Completion into the items, events and result that the Responses API would have given. */
export const startChatReply = (onEvent: (event: ModelEvent) => void, asked: ChatAsked) => {
  const startedAt = performance.now()
  const calls = new Map<number, Call>()
  let firstAt: number | null = null
  let text = ""
  let refusal = ""
  let usage: ModelUsage | null = null
  let finish: string | null = null

  const heard = () => {
    firstAt ??= performance.now()
  }
  const say = (piece: string) => {
    heard()
    onEvent({ type: "text", text: piece })
  }
  const write = (piece: z.infer<typeof Piece>) => {
    const index = piece.index ?? Math.max(0, calls.size - (piece.id ? 0 : 1))
    const made = calls.get(index) ?? newCall(piece, asked, calls)
    calls.set(index, made)
    const args = piece.function?.arguments ?? ""
    if (args === "") return
    heard()
    made.arguments += args
    const shown = made.read === null ? args : made.read(args)
    if (shown !== "") onEvent({ type: "tool", call: made.id, name: made.name, text: shown })
  }

  return {
    /** Takes one frame's data; a result only for an error inside the stream, or the end. */
    accept: (data: string): CallResult | null => {
      if (data === "[DONE]") return end()
      const chunk = parseChunk(data)
      if (chunk === null) return null
      if (chunk.error != null) return failureOf(readError(chunk.error, { status: null }))
      if (chunk.usage != null) usage = usageOf(chunk.usage)
      const [choice] = chunk.choices
      if (choice?.delta?.content) {
        text += choice.delta.content
        say(choice.delta.content)
      }
      if (choice?.delta?.refusal) {
        refusal += choice.delta.refusal
        say(choice.delta.refusal)
      }
      for (const piece of choice?.delta?.tool_calls ?? []) write(piece)
      finish = choice?.finish_reason ?? finish
      return null
    },
    /** The stream ended: a whole answer only when the host said why it stopped. */
    end: (): CallResult => end(),
  }

  function end(): CallResult {
    if (finish === null) return broken("the answer ended before it was whole")
    const cut = finish === "length" ? "max_output_tokens" : finish === "content_filter" ? finish : null
    const made = [...calls.values()]
    // The last call of an answer that was cut off may be half a call.
    const whole = cut === null ? made : made.slice(0, -1)
    const items = [...messageItems(text, refusal), ...whole.map(call => callItem(call, asked.custom))]
    for (const item of items) onEvent({ type: "item", item })
    const now = performance.now()
    const times = { ttftMs: firstAt === null ? null : firstAt - startedAt, durationMs: now - startedAt }
    return finished(items, usage ?? estimate(asked, text, made), times, cut)
  }
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
