import { once } from "node:events"
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { maxBufferedBytes } from "@twolane/common"
import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import { expect, test } from "vitest"
import { type CallerStream, type Closed, openCallerStream } from "../src/caller-stream.ts"

type Served = AsyncDisposable & {
  stream: CallerStream
  response: ServerResponse
  /** What its caller reads: nothing, until somebody does. */
  caller: IncomingMessage
  closed: Promise<Closed>
}

/** A stream over a real connection, whose caller does not read yet. */
const serve = async (): Promise<Served> => {
  const opened = Promise.withResolvers<{ stream: CallerStream; response: ServerResponse }>()
  const closed = Promise.withResolvers<Closed>()
  const server = createServer((_request, response) => {
    opened.resolve({ stream: openCallerStream(response, closed.resolve), response })
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const answered = once(get({ port: (server.address() as AddressInfo).port, agent: false }), "response")
  const { stream, response } = await opened.promise
  stream.event(event(0))
  const [caller] = (await answered) as [IncomingMessage]
  return {
    stream,
    response,
    caller,
    closed: closed.promise,
    [Symbol.asyncDispose]: async () => {
      caller.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const known = { task: "task_1", turn: "turn_1", attempt: 1, at: 0 }
const event = (n: number, text = "said"): TaskEvent => ({
  ...known,
  id: `1-${n}`,
  type: "message.done",
  text,
})
const delta = (text: string): TaskDelta => ({ ...known, type: "message.delta", text })

test("a caller that does not read misses text and no event, and holds little of the worker's memory", async () => {
  await using served = await serve()
  const { stream, response, caller } = served
  const piece = "x".repeat(1_000)
  for (let n = 1; n <= 100; n += 1) {
    for (let pieces = 0; pieces < 500; pieces += 1) stream.delta(delta(piece))
    stream.event(event(n))
    await new Promise(resolve => setImmediate(resolve))
  }
  // 50 MB of text were said; what waits is what the limit lets, and the events.
  expect(response.writableLength).toBeLessThan(maxBufferedBytes + 100_000)
  stream.end()
  const read = await text(caller)
  expect(read.match(/^id: .*$/gm)).toEqual(Array.from({ length: 101 }, (_, n) => `id: 1-${n}`))
  const deltas = read.match(/message\.delta/g)?.length ?? 0
  expect(deltas).toBeGreaterThan(0)
  expect(deltas).toBeLessThan(50_000)
})

test("what is said in one tick leaves as one piece, and events keep their place in it", async () => {
  await using served = await serve()
  const { stream, caller } = served
  const call = (text: string): TaskDelta => ({ ...known, type: "tool.delta", call: "call_1", text })
  for (const said of [delta("he"), delta("llo"), call("*** Be"), call("gin")]) stream.delta(said)
  stream.event(event(1))
  stream.delta(delta("more"))
  stream.end()
  const data = (await text(caller)).match(/(?<=^data: ).*$/gm)?.map(line => JSON.parse(line))
  expect(data).toEqual([event(0), delta("hello"), call("*** Begin"), event(1), delta("more")])
})

test("a caller that lets megabytes of events wait is cut off, and comes back for them", async () => {
  await using served = await serve()
  const { stream, closed, caller } = served
  caller.on("error", () => undefined)
  for (let n = 1; n <= 40; n += 1) stream.event(event(n, "x".repeat(1_000_000)))
  expect(await closed).toBe("slow")
})

test("a caller that leaves is noticed", async () => {
  await using served = await serve()
  served.caller.destroy()
  expect(await served.closed).toBe("left")
})
