import type { ChatRequest } from "./chat-request.ts"
import type { Answer, Ending } from "./response-events.ts"
import type { Item } from "./script.ts"

/** Translates the events of one answer into the chunks of a Chat Completion; none where chat has nothing to say. */
export const makeChunker = (answer: Answer, chat: ChatRequest): ((event: Item) => Item[]) => {
  const head = {
    id: answer.id.replace(/^resp_/, "chatcmpl-"),
    object: "chat.completion.chunk",
    created: Math.floor(answer.createdAt / 1000),
    model: chat.model,
  }
  const chunk = (delta: Item, finish: string | null = null): Item => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(chat.stream_options?.include_usage === true ? { usage: null } : {}),
  })
  let calls = -1
  return event => {
    switch (event.type) {
      case "response.created":
        return [chunk({ role: "assistant", content: "" })]
      case "response.output_text.delta":
        return [chunk({ content: event.delta })]
      case "response.refusal.delta":
        return [chunk({ refusal: event.delta })]
      case "response.output_item.added": {
        const item = event.item as Item
        if (item.type !== "function_call") return []
        calls += 1
        const named = { name: item.name, arguments: "" }
        return [
          chunk({ tool_calls: [{ index: calls, id: item.call_id, type: "function", function: named }] }),
        ]
      }
      case "response.function_call_arguments.delta":
        return [chunk({ tool_calls: [{ index: calls, function: { arguments: event.delta } }] })]
      case "response.completed":
        return [chunk({}, calls >= 0 ? "tool_calls" : "stop"), ...usageChunk(answer, chat, head)]
      case "response.incomplete":
        return [chunk({}, finishOf(event.response as Item)), ...usageChunk(answer, chat, head)]
      case "response.failed":
        return [{ error: (event.response as Item).error }]
      default:
        return []
    }
  }
}

const finishOf = (response: Item): string =>
  JSON.stringify(response.incomplete_details).includes("content_filter") ? "content_filter" : "length"

const usageChunk = (answer: Answer, chat: ChatRequest, head: Item): Item[] =>
  chat.stream_options?.include_usage === true ? [{ ...head, choices: [], usage: chatUsage(answer) }] : []

/** Usage in chat's words. */
const chatUsage = ({ usage }: Answer): Item => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.outputTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedTokens },
})

/** The whole Chat Completion, for a request that does not stream. */
export const chatCompletion = (
  answer: Answer,
  chat: ChatRequest,
  ending: Extract<Ending, { output: Item[] }>,
): Item => {
  const calls = ending.output.filter(item => item.type === "function_call")
  const parts = ending.output.filter(item => item.type === "message").flatMap(item => item.content as Item[])
  const text = parts.map(part => (typeof part.text === "string" ? part.text : "")).join("")
  const toolCalls = calls.map(item => ({
    id: item.call_id,
    type: "function",
    function: { name: item.name, arguments: item.arguments },
  }))
  const finish =
    ending.type === "incomplete" ? finishOf(ending.response) : calls.length > 0 ? "tool_calls" : "stop"
  return {
    id: answer.id.replace(/^resp_/, "chatcmpl-"),
    object: "chat.completion",
    created: Math.floor(answer.createdAt / 1000),
    model: chat.model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: text === "" ? null : text,
          refusal: parts.find(part => part.type === "refusal")?.refusal ?? null,
          ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
        },
        logprobs: null,
        finish_reason: finish,
      },
    ],
    usage: chatUsage(answer),
  }
}
