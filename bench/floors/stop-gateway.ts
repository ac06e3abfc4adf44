/** Pipes streams from the worker, and has it stop one through Redis: the answer comes when the worker has said that it did. */
import { Agent, createServer, request, type ServerResponse } from "node:http"
import { Redis } from "ioredis"
import { childSide } from "../child.ts"
import { listen } from "./listen.ts"
import { type StopInput, stopNames } from "./stop-names.ts"

const { input, say } = childSide<StopInput>()
const agent = new Agent({ keepAlive: true })
const redis = new Redis(input.redis)
const subscriber = redis.duplicate()
const waiting: ServerResponse[] = []
subscriber.on("message", () => {
  for (const response of waiting.splice(0)) response.writeHead(202, { "content-length": 0 }).end()
})
await subscriber.subscribe(stopNames.gone)

const server = createServer((incoming, outgoing) => {
  if (incoming.url === "/stop") {
    waiting.push(outgoing)
    void redis.publish(stopNames.order, "")
    return
  }
  const upstream = request({ socketPath: input.worker, method: "POST", path: "/", agent }, answer => {
    outgoing.writeHead(200, { "content-type": "text/event-stream" })
    answer.pipe(outgoing)
  })
  incoming.pipe(upstream)
})
say({ listens: await listen(server, "") })
