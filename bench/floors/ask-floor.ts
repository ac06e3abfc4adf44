import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { WebSocket } from "ws"
import { type Order, promptFor } from "../model/order.ts"
import { type Streamed, startReading, streamOnce } from "../stream-client.ts"

/** The request that an order makes of a model, without any product. */
export const bodyOf = (order: Order): object => ({
  model: "gpt-5.3-codex-spark",
  input: [{ role: "user", content: promptFor(order) }],
})

/** Streams an order's answer over HTTP, whatever is between. */
export const askOverHttp = (url: string, order: Order): Promise<Streamed> =>
  streamOnce({ url, path: "/responses", body: { ...bodyOf(order), stream: true } })

/** A WebSocket to the model, whatever is between. */
export type Line = Disposable & { ask(order: Order): Promise<Streamed> }

/** Opens one. */
export const openLine = async (url: string): Promise<Line> => {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/responses`, { perMessageDeflate: false })
  await once(socket, "open")
  return {
    ask: async order => {
      const { found, read } = startReading()
      const ended = Promise.withResolvers<void>()
      const onMessage = (data: unknown) => {
        const text = String(data)
        read(text)
        if (text.includes('"type":"response.completed"')) ended.resolve()
      }
      socket.on("message", onMessage)
      socket.send(JSON.stringify({ type: "response.create", ...bodyOf(order) }))
      await ended.promise
      socket.off("message", onMessage)
      return found
    },
    [Symbol.dispose]: () => socket.terminate(),
  }
}

/** An order with a name of its own. */
export const orderOf = (order: Omit<Order, "id">): Order => ({ id: randomUUID(), ...order })
