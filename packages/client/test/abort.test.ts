import { once } from "node:events"
import { createServer } from "node:http"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { freePort } from "@twolane/testkit"
import { expect, test } from "vitest"
import { createClient } from "../src/index.ts"

test("a quiet stream ends with its signal, also after its request was collected as garbage", async () => {
  const port = await freePort()
  const event = {
    id: "1-1",
    type: "message.done",
    text: "hi",
    task: "task_1",
    turn: "turn_1",
    attempt: 1,
    at: 0,
  }
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write(`id: 1-1\ndata: ${JSON.stringify(event)}\n\n`)
  }).listen(port, "127.0.0.1")
  await once(server, "listening")
  const controller = new AbortController()
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: "k" })
  const stream = client.follow("task_1", { signal: controller.signal })
  expect((await stream.next()).value).toEqual(event)
  const next = stream.next()

  setFlagsFromString("--expose-gc")
  const collect: () => void = runInNewContext("gc")
  for (let round = 0; round < 3; round += 1) {
    await new Promise(resolve => setImmediate(resolve))
    collect()
  }
  controller.abort()
  expect(await next).toEqual({ done: true, value: undefined })
  server.closeAllConnections()
  server.close()
})
