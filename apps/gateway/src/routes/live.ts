import websocket from "@fastify/websocket"
import { Fault } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { taskBodyBytes } from "../http/body.ts"
import { problems } from "../http/schemas.ts"
import { liveSockets } from "../live/live-sockets.ts"

const LiveQuery = z.strictObject({
  /** What `Twolane-Origin` says over HTTP: a browser cannot add a header to an upgrade. */
  origin: z.enum(["cli", "page", "mcp"]).optional(),
})

/** A request is a body and a few words around it. */
const maxMessageBytes = taskBodyBytes + 64 * 1024

/** One socket for an interactive client. See docs/guide.md, "One socket for everything". */
export const liveRoute = (app: App, gateway: Gateway): void => {
  const sockets = liveSockets(gateway)
  void app.register(async live => {
    await live.register(websocket, {
      options: { maxPayload: maxMessageBytes },
      // What broke a connection is its peer's doing, and its end is dealt with there.
      errorHandler: (error, socket) => {
        gateway.log.debug({ error }, "live socket broke")
        socket.terminate()
      },
      preClose: () => sockets.closed(),
    })
    live.route({
      method: "GET",
      url: "/v1/live",
      exposeHeadRoute: false,
      schema: {
        summary: "One WebSocket for an interactive client",
        description:
          "Requests go up and answers, events and live text come down, a JSON text message each: `LiveRequest` and `LiveMessage`.",
        tags: ["live"],
        querystring: LiveQuery,
        response: { 101: z.undefined().describe("The socket is open."), ...problems },
      },
      handler: async () => {
        throw new Fault("upgrade-required", "Open it as a WebSocket.")
      },
      wsHandler: (socket, request) => sockets.serve(live, socket, request),
    })
  })
}
