import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { taskBodyBytes } from "../http/body.ts"
import { mcpHandler } from "../mcp/handler.ts"

/** A task, and what the protocol writes around it. */
const maxBodyBytes = taskBodyBytes + 64 * 1024

/** MCP over streamable HTTP, for agents of others. See docs/mcp.md. */
export const mcpRoute = (app: App, gateway: Gateway): void => {
  const answer = mcpHandler(gateway, app)
  app.route({
    // What is asked for by GET and DELETE belongs to sessions, of which there are none: 405.
    method: ["GET", "POST", "DELETE"],
    url: "/mcp",
    exposeHeadRoute: false,
    bodyLimit: maxBodyBytes,
    schema: { hide: true },
    handler: async (request, reply) => {
      const answered = await answer(request, reply)
      const isStream = answered.headers.get("content-type")?.startsWith("text/event-stream") ?? false
      // As every stream of ours: kept alive, its connection would hold up the gateway's stop.
      if (isStream) reply.header("connection", "close")
      return reply.send(answered)
    },
  })
}
