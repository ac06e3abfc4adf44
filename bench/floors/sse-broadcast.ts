/** The least that can hold event streams: node:http, an array of answers, and a write to each. */
import { createServer, type ServerResponse } from "node:http"
import { childSide } from "../child.ts"
import { preciseNow } from "../measure.ts"
import { stampOf } from "../model/order.ts"
import { listen } from "./listen.ts"

/** What it is told: to say the token with this number. */
export type BroadcastOrder = { index: number }
/** What it says. */
export type BroadcastSays = { listens: string }

const { say } = childSide<object>()
const held: ServerResponse[] = []
const server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  response.write(":\n\n")
  held.push(response)
})
process.on("message", message => {
  const { index } = message as BroadcastOrder
  const data = { type: "message.delta", text: stampOf(preciseNow(), index), at: Date.now() }
  const frame = `data: ${JSON.stringify(data)}\n\n`
  for (const response of held) response.write(frame)
})
say({ listens: await listen(server, "") })
