/**
 * The usual gateway in a few lines: the provider's SDK is iterated, and each of its events is written to the caller. With a Redis, each
 * is recorded by an XADD of its own, so that others may watch: 200 at most are under way, else a slow Redis would fill the memory.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { Redis } from "ioredis"
import OpenAI from "openai"
import type { ResponseCreateParamsStreaming } from "openai/resources/responses/responses"
import { childSide } from "../child.ts"
import type { HopInput } from "./hop.ts"
import { listen } from "./listen.ts"

const { input, say } = childSide<HopInput>()
const client = new OpenAI({ baseURL: input.target, apiKey: "none" })
const redis = input.redis === undefined ? null : new Redis(input.redis)
const mostUnderWay = 200
let streams = 0

const restream = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
  const body = JSON.parse(await text(incoming))
  const log = `naive:${process.pid}:${streams++}`
  const events = await client.responses.create({ ...(body as ResponseCreateParamsStreaming), stream: true })
  outgoing.writeHead(200, { "content-type": "text/event-stream" })
  let underWay: Promise<unknown>[] = []
  for await (const event of events) {
    const data = JSON.stringify(event)
    outgoing.write(`data: ${data}\n\n`)
    if (redis === null) continue
    underWay.push(redis.xadd(log, "*", "e", data))
    if (underWay.length < mostUnderWay) continue
    await Promise.all(underWay)
    underWay = []
  }
  await Promise.all(underWay)
  outgoing.end()
}
const server = createServer((incoming, outgoing) => void restream(incoming, outgoing))
say({ listens: await listen(server, input.listen) })
