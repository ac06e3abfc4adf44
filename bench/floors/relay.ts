/** Stands between the bench and the holder as a gateway stands between a client and a worker: HTTP before it, Redis behind. */
import { createServer, type ServerResponse } from "node:http"
import { Redis } from "ioredis"
import { childSide, startChild } from "../child.ts"
import { type HolderInput, type HolderSays, names } from "./tree-orders.ts"

const { input, say } = childSide<HolderInput>()
const { order, gone } = names(input.hearing)
const never = new AbortController().signal
const holder = startChild<HolderSays>("floors/tree-holder.ts", input)
await holder.next(never)

const redis = new Redis(input.url)
const subscriber = redis.duplicate()
const waiting: ServerResponse[] = []
subscriber.on("message", () => {
  for (const response of waiting.splice(0)) response.writeHead(202, { "content-length": 0 }).end()
})
await subscriber.subscribe(gone)

const server = createServer((_request, response) => {
  waiting.push(response)
  if (input.hearing === "published") void redis.publish(order, "")
  else void redis.set(order, "1")
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  say({ listens: typeof address === "object" && address !== null ? address.port : 0 })
})

process.on("message", message => holder.send(Object(message)))
for (;;) say(await holder.next(never))
