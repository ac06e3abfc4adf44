import { once } from "node:events"
import type { AddressInfo } from "node:net"
import fc from "fast-check"
import { expect, test } from "vitest"
import { WebSocketServer } from "ws"
import { createClient, Unreachable } from "../src/index.ts"

const kept = [
  "",
  "null",
  "7",
  "{",
  '"x"',
  "[1]",
  '{"event":5}',
  '{"event":null}',
  '{"stopped":1}',
  '{"id":7}',
]

test("who finds no gateway at the other end of a socket is told so, and nothing breaks", async () => {
  let said: string | Buffer = ""
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" })
  await once(server, "listening")
  server.on("connection", socket => socket.send(said))
  const { port } = server.address() as AddressInfo
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: "k" })
  const notAMessage = fc.oneof(
    fc.string({ unit: "binary" }).filter(text => !/^\s*\{/.test(text)),
    fc.uint8Array({ minLength: 1 }).map(bytes => Buffer.from(bytes)),
    fc
      .oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer()))
      .map(value => JSON.stringify({ event: value })),
  )
  try {
    await fc.assert(
      fc.asyncProperty(notAMessage, async message => {
        said = message
        const stop = new AbortController()
        const live = client.live({}, stop.signal)
        const asked = live.cancel(`task_${"0".repeat(26)}`, undefined, {}, stop.signal)
        await expect(asked).rejects.toThrow(Unreachable)
        stop.abort()
      }),
      { numRuns: 60, examples: kept.map((text): [string] => [text]) },
    )
  } finally {
    for (const socket of server.clients) socket.terminate()
    server.close()
  }
})
