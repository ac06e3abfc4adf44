import { randomUUID } from "node:crypto"
import { once } from "node:events"
import type { House } from "@twolane/testkit"
import { WebSocket } from "ws"
import { type Order, promptFor } from "../model/order.ts"
import { type Streamed, startReading } from "../stream-client.ts"

/** A live socket of the gateway (`WS /v1/live`). One turn at a time. */
export type LiveLine = Disposable & {
  /** A turn of a task that is there, to its end; throws when it lost a token. */
  turn(task: string, order: Order): Promise<Streamed>
}

/** Opens one, as an interactive client does. */
export const openLiveLine = async (house: House): Promise<LiveLine> => {
  const socket = new WebSocket(`${house.url.replace("http", "ws")}/v1/live`, {
    perMessageDeflate: false,
    headers: { authorization: `Bearer ${house.apiKey}` },
  })
  await once(socket, "open")
  return {
    turn: async (task, order) => {
      const id = randomUUID()
      const { found, read } = startReading()
      const answered = Promise.withResolvers<string>()
      const onMessage = (data: unknown) => {
        const text = String(data)
        read(text)
        if (text.startsWith(`{"id":"${id}","`) && !text.includes('"begun":')) answered.resolve(text)
      }
      socket.on("message", onMessage)
      socket.send(JSON.stringify({ id, type: "turn", task, body: { prompt: promptFor(order) } }))
      const answer = await answered.promise
      socket.off("message", onMessage)
      if (answer.includes('"problem":')) throw new Error(`the turn was refused: ${answer}`)
      if (found.lost > 0) throw new Error(`${found.lost} tokens were lost or out of order`)
      return found
    },
    [Symbol.dispose]: () => socket.terminate(),
  }
}
