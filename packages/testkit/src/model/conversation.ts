import type { Item } from "./script.ts"

/** A tool call of a conversation with its result, when there is one. `input` is parsed where it was JSON. */
export type SeenCall = { kind: "call"; name: string; input: unknown; output: string | null }

/** One thing said in a conversation, in the shape that scripts read. */
export type Seen = { kind: "user"; text: string } | { kind: "assistant"; text: string } | SeenCall

/** Reads a conversation: messages as text, each call together with its result; reasoning is left out. */
export const readConversation = (items: readonly Item[]): Seen[] => {
  const outputs = new Map(
    items.filter(isOutput).map(item => [String(item.call_id), plainText(item.output)] as const),
  )
  return items.flatMap((item): Seen[] => {
    if (isCall(item)) return [seenCall(item, outputs.get(String(item.call_id)) ?? null)]
    if (isOutput(item) || (item.type ?? "message") !== "message") return []
    return [{ kind: item.role === "assistant" ? "assistant" : "user", text: plainText(item.content) }]
  })
}

/** Whether an item is a call that needs a result. */
export const isCall = (item: Item): boolean =>
  item.type === "function_call" || item.type === "custom_tool_call"

/** Whether an item is the result of a call. */
export const isOutput = (item: Item): boolean =>
  item.type === "function_call_output" || item.type === "custom_tool_call_output"

/** The text of a content: a string, or the texts of its parts. */
export const plainText = (content: unknown): string => {
  if (typeof content === "string") return content
  if (!Array.isArray(content)) return ""
  return content.map((part: unknown) => partText(part)).join("")
}

const partText = (part: unknown): string => {
  if (typeof part !== "object" || part === null) return ""
  if ("text" in part && typeof part.text === "string") return part.text
  return "refusal" in part && typeof part.refusal === "string" ? part.refusal : ""
}

const seenCall = (item: Item, output: string | null): SeenCall => ({
  kind: "call",
  name: String(item.name),
  input: item.type === "custom_tool_call" ? item.input : parsed(String(item.arguments)),
  output,
})

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text // a script may have sent it broken on purpose
  }
}
