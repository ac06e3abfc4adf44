import { routeUrl } from "./body.ts"
import { chatMessages, chatTools } from "./chat-messages.ts"
import { startChatReply } from "./chat-reply.ts"
import { customNames } from "./dialect.ts"
import type { ModelRequest } from "./port.ts"
import { postForStream } from "./post.ts"
import type { OpenTransport } from "./transport.ts"

/** Chat Completions over SSE with function tools, for the many hosts that speak only that. */
export const openChat: OpenTransport = (endpoint, shared, onLimits) => ({
  call: (request, onEvent, signal) => {
    const body = chatBody(endpoint.model, request)
    const custom = customNames(request.tools)
    const reply = startChatReply(onEvent, { custom, usedIds: callIds(request), bytes: body.length })
    const post = {
      url: routeUrl(endpoint.baseUrl, "chat/completions"),
      apiKey: endpoint.apiKey,
      body,
      onFrame: (_name: string, data: string) => reply.accept(data),
      onLimits,
      onEnd: () => reply.end(),
    }
    return postForStream(shared.pool, post, shared.timing, signal)
  },
  [Symbol.asyncDispose]: async () => {},
})

const chatBody = (model: string, request: ModelRequest): string =>
  JSON.stringify({
    model,
    messages: chatMessages(request.instructions, request.context),
    ...(request.tools.length === 0 ? {} : { tools: chatTools(request.tools) }),
    stream: true,
    stream_options: { include_usage: true },
    ...(request.maxOutputTokens === undefined ? {} : { max_completion_tokens: request.maxOutputTokens }),
  })

const callIds = (request: ModelRequest): ReadonlySet<string> =>
  new Set(request.context.flatMap(item => (typeof item.call_id === "string" ? [item.call_id] : [])))
