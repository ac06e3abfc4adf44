import type { TranscriptItem } from "@twolane/protocol"
import { z } from "zod"

/** A call that the model made, whichever of the two shapes it came in. `input` is JSON text, or free text for a custom tool. */
export type ToolCall = { call: string; name: string; input: string; custom: boolean }

const FunctionCall = z.object({
  type: z.literal("function_call"),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
})
const CustomCall = z.object({
  type: z.literal("custom_tool_call"),
  call_id: z.string(),
  name: z.string(),
  input: z.string(),
})
const Output = z.object({
  type: z.enum(["function_call_output", "custom_tool_call_output"]),
  call_id: z.string(),
  output: z.unknown(),
})
const Message = z.object({
  type: z.literal("message"),
  role: z.string(),
  content: z.union([
    z.string(),
    z.array(z.looseObject({ text: z.string().optional(), refusal: z.string().optional() })),
  ]),
})

/** A message from the person's side. */
export const userMessage = (text: string): TranscriptItem => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }],
})

/** The result of a call, in the shape that answers it. */
export const outputFor = (call: ToolCall, output: string): TranscriptItem => ({
  type: call.custom ? "custom_tool_call_output" : "function_call_output",
  call_id: call.call,
  output,
})

/** Whether an item is a call that needs a result. */
export const isCall = (item: TranscriptItem): boolean =>
  item.type === "function_call" || item.type === "custom_tool_call"

/** The tool calls among items, in order. */
export const callsOf = (items: readonly TranscriptItem[]): ToolCall[] =>
  items.filter(isCall).flatMap((item): ToolCall[] => {
    const plain = FunctionCall.safeParse(item)
    if (plain.success)
      return [{ call: plain.data.call_id, name: plain.data.name, input: plain.data.arguments, custom: false }]
    const custom = CustomCall.safeParse(item)
    if (custom.success)
      return [{ call: custom.data.call_id, name: custom.data.name, input: custom.data.input, custom: true }]
    return []
  })

/** The id of the call that an item answers, if it is a result. */
export const answeredCall = (item: TranscriptItem): string | undefined => {
  if (item.type !== "function_call_output" && item.type !== "custom_tool_call_output") return undefined
  const output = Output.safeParse(item)
  return output.success ? output.data.call_id : undefined
}

/** The calls that have no result yet. The next model call would be refused while there are any. */
export const unansweredCalls = (items: readonly TranscriptItem[]): ToolCall[] => {
  const answered = new Set(items.map(answeredCall))
  return callsOf(items).filter(call => !answered.has(call.call))
}

/** What stands between two messages of one answer, streamed or whole. */
export const messageGap = "\n\n"

/** The text of the assistant's messages among items. */
export const assistantText = (items: readonly TranscriptItem[]): string =>
  items
    .map(item => messageText(item, "assistant"))
    .filter(text => text !== "")
    .join(messageGap)

/** The text of one message by a role; empty for anything else. */
export const messageText = (item: TranscriptItem, role: string): string => {
  if (item.type !== "message" || item["role"] !== role) return ""
  const message = Message.safeParse(item)
  if (!message.success || message.data.role !== role) return ""
  const { content } = message.data
  return typeof content === "string" ? content : content.map(part => part.text ?? part.refusal ?? "").join("")
}

/** Whether an item is the provider's (possibly encrypted) reasoning, which only the same model can read again. */
export const isReasoning = (item: TranscriptItem): boolean => item.type === "reasoning"

/** How many characters an average token has. */
export const charsPerToken = 3.6

/** Items are never changed, and a long conversation is weighed before each call. */
const lengths = new WeakMap<TranscriptItem, number>()

const lengthOf = (item: TranscriptItem): number => {
  const known = lengths.get(item)
  if (known !== undefined) return known
  const length = JSON.stringify(item).length
  lengths.set(item, length)
  return length
}

/** How long the first items of a list are: a list is only ever appended to. */
const weighed = new WeakMap<readonly TranscriptItem[], { count: number; chars: number }>()

const charsIn = (items: readonly TranscriptItem[]): number => {
  const beginning = beginningOf(items)
  const known = weighed.get(items) ?? {
    count: beginning.length,
    chars: beginning.length === 0 ? 0 : charsIn(beginning),
  }
  const chars = items.slice(known.count).reduce((sum, item) => sum + lengthOf(item), known.chars)
  weighed.set(items, { count: items.length, chars })
  return chars
}

/** About how many tokens items take; no tokenizer is exact for every provider. A list that is weighed again may have grown, and no more. */
export const estimateTokens = (items: readonly TranscriptItem[]): number =>
  Math.ceil(charsIn(items) / charsPerToken)

/** Which list another one began with. */
const beginnings = new WeakMap<readonly TranscriptItem[], readonly TranscriptItem[]>()
const nothing: readonly TranscriptItem[] = []

/** A new list that begins with another one's items: what was worked out of those holds for it, and is not worked out again. */
export const goOnFrom = (beginning: readonly TranscriptItem[]): TranscriptItem[] => {
  const items = [...beginning]
  beginnings.set(items, beginning)
  return items
}

/** The list that this one began with; empty when it is none's. */
export const beginningOf = (items: readonly TranscriptItem[]): readonly TranscriptItem[] =>
  beginnings.get(items) ?? nothing
