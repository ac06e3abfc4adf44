/** Streams a model's answer from a WebSocket of its own to an HTTP answer, and cuts both when told through Redis. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { Redis } from "ioredis"
import { WebSocket } from "ws"
import { childSide } from "../child.ts"
import { listen } from "./listen.ts"
import { type StopInput, stopNames } from "./stop-names.ts"

const { input, say } = childSide<StopInput>()
const redis = new Redis(input.redis)
const subscriber = redis.duplicate()
let running: { upstream: WebSocket; answer: ServerResponse } | null = null

const stream = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
  const body = JSON.parse(await text(incoming))
  const upstream = new WebSocket(`${input.model.replace("http", "ws")}/responses`, {
    perMessageDeflate: false,
  })
  running = { upstream, answer }
  answer.writeHead(200, { "content-type": "text/event-stream" })
  upstream.on("open", () => upstream.send(JSON.stringify({ type: "response.create", ...body })))
  upstream.on("message", data => answer.write(`data: ${(data as Buffer).toString()}\n\n`))
  upstream.on("error", () => answer.end())
}
const server = createServer((incoming, answer) => void stream(incoming, answer))
const stop = async (): Promise<void> => {
  running?.upstream.removeAllListeners("message").terminate()
  running?.answer.end()
  running = null
  if (input.keeps) await redis.xadd(stopNames.log, "*", "stopped", "yes")
  await redis.publish(stopNames.gone, "")
}
subscriber.on("message", () => void stop())
await subscriber.subscribe(stopNames.order)
say({ listens: await listen(server, input.worker) })
