import { responseBody, routeUrl } from "./body.ts"
import { broken } from "./failure.ts"
import { postForStream } from "./post.ts"
import { parseEvent } from "./reply.ts"
import { callResponses } from "./responses.ts"
import type { OpenTransport } from "./transport.ts"

/** Events that carry nothing we read; some of them repeat the whole request, so that not parsing them saves time. */
const unread = new Set([
  "response.in_progress",
  "response.content_part.added",
  "response.content_part.done",
  "response.output_text.done",
  "response.function_call_arguments.done",
  "response.custom_tool_call_input.done",
])

/** The Responses API over HTTP: every call carries the whole conversation, and its answer is an event stream. */
export const openSse: OpenTransport = (endpoint, shared, onLimits) => ({
  call: (request, onEvent, signal) =>
    callResponses(endpoint, shared, request, onEvent, (dialect, reply) => {
      const body = responseBody(endpoint.model, request, request.context, dialect)
      const post = {
        url: routeUrl(endpoint.baseUrl, "responses"),
        apiKey: endpoint.apiKey,
        body: JSON.stringify({ ...body, stream: true }),
        onFrame: (name: string, data: string) => {
          const event = unread.has(name) ? null : parseEvent(data)
          return event === null ? null : reply.accept(event)
        },
        onLimits,
        onEnd: () => broken("the answer ended before it was whole"),
      }
      return postForStream(shared.pool, post, shared.timing, signal)
    }),
  [Symbol.asyncDispose]: async () => {},
})
