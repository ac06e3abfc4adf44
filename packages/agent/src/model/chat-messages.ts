import type { TranscriptItem } from "@twolane/protocol"
import type {
  ChatCompletionFunctionTool,
  ChatCompletionMessageFunctionToolCall,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions"
import { isCall } from "../items.ts"
import { asFunctionItem, inputSchema } from "./dialect.ts"
import type { ToolSpec } from "./port.ts"

/**
 * A conversation as Chat Completions has it. What one answer said and called is one assistant message; results are messages of
 * their own; reasoning has no place there and is left out.
 */
export const chatMessages = (
  instructions: string,
  context: readonly TranscriptItem[],
): ChatCompletionMessageParam[] => {
  const messages: ChatCompletionMessageParam[] =
    instructions === "" ? [] : [{ role: "system", content: instructions }]
  for (const item of resultsFirst(context.map(asFunctionItem))) addItem(messages, item)
  return messages
}

/** Results follow their calls at once here: what a person said in between (a steering note) comes after them. */
const resultsFirst = (items: readonly TranscriptItem[]): TranscriptItem[] => {
  const owed = new Set<unknown>()
  const ordered: TranscriptItem[] = []
  let held: TranscriptItem[] = []
  for (const item of items) {
    if (owed.size > 0 && item.role === "user") {
      held.push(item)
      continue
    }
    if (isCall(item)) owed.add(item.call_id)
    if (item.type === "function_call_output") owed.delete(item.call_id)
    ordered.push(item)
    if (owed.size > 0) continue
    ordered.push(...held)
    held = []
  }
  return [...ordered, ...held]
}

const addItem = (messages: ChatCompletionMessageParam[], item: TranscriptItem): void => {
  switch (item.type ?? "message") {
    case "message":
      addMessage(messages, String(item.role), contentText(item.content))
      break
    case "function_call":
      addCall(messages, {
        id: String(item.call_id),
        type: "function",
        function: { name: String(item.name), arguments: String(item.arguments) },
      })
      break
    case "function_call_output":
      messages.push({ role: "tool", tool_call_id: String(item.call_id), content: contentText(item.output) })
      break
    default:
      break
  }
}

const addMessage = (messages: ChatCompletionMessageParam[], role: string, text: string): void => {
  if (role !== "assistant") {
    messages.push({ role: role === "system" || role === "developer" ? "system" : "user", content: text })
    return
  }
  const last = messages.at(-1)
  // Several hosts refuse two assistant messages in a row.
  if (last?.role === "assistant" && last.tool_calls === undefined && typeof last.content === "string")
    last.content = `${last.content}\n\n${text}`
  else messages.push({ role: "assistant", content: text })
}

const addCall = (
  messages: ChatCompletionMessageParam[],
  call: ChatCompletionMessageFunctionToolCall,
): void => {
  const last = messages.at(-1)
  if (last?.role !== "assistant") messages.push({ role: "assistant", content: null, tool_calls: [call] })
  else if (last.tool_calls === undefined) last.tool_calls = [call]
  else last.tool_calls.push(call)
}

const contentText = (content: unknown): string => {
  if (typeof content === "string") return content
  if (!Array.isArray(content)) return ""
  return content.map((part: unknown) => partText(part)).join("")
}

const partText = (part: unknown): string => {
  if (typeof part !== "object" || part === null) return ""
  if ("text" in part && typeof part.text === "string") return part.text
  return "refusal" in part && typeof part.refusal === "string" ? part.refusal : ""
}

/** Tools as functions; a free-form one takes its text as `input`. */
export const chatTools = (tools: readonly ToolSpec[]): ChatCompletionFunctionTool[] =>
  tools.map(({ name, description, ...spec }) => {
    const parameters = spec.type === "function" ? spec.parameters : inputSchema
    return { type: "function", function: { name, description, parameters } }
  })
