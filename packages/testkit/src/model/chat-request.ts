import { z } from "zod"
import { plainText } from "./conversation.ts"
import type { ResponseRequest } from "./request.ts"
import type { Item } from "./script.ts"

const ToolCall = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
})

const Message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([z.string(), z.array(z.looseObject({}))]).nullish(),
  tool_calls: z.array(ToolCall).optional(),
  tool_call_id: z.string().optional(),
})

const Tool = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({ name: z.string() }),
})

/** The body of `POST /v1/chat/completions`: what the simulation reads of it. */
export const ChatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(Message).min(1),
  tools: z.array(Tool).default([]),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
})
export type ChatRequest = z.infer<typeof ChatRequest>

/** The same request as the Responses API has it. */
export const fromChat = (chat: ChatRequest): ResponseRequest => ({
  model: chat.model,
  instructions: chat.messages
    .filter(isSystem)
    .map(message => plainText(message.content))
    .join("\n\n"),
  input: chat.messages.filter(message => !isSystem(message)).flatMap(messageItems),
  tools: chat.tools.map(tool => ({ type: "function", name: tool.function.name })),
  store: false,
})

type ChatMessage = z.infer<typeof Message>

const isSystem = ({ role }: ChatMessage): boolean => role === "system" || role === "developer"

const messageItems = (message: ChatMessage): Item[] => {
  if (message.role === "tool")
    return [
      {
        type: "function_call_output",
        call_id: message.tool_call_id ?? "",
        output: plainText(message.content),
      },
    ]
  const text = plainText(message.content)
  const said = text === "" ? [] : [{ type: "message", role: message.role, content: text }]
  const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({
    type: "function_call",
    call_id: id,
    name,
    arguments: args,
  }))
  return [...said, ...calls]
}
