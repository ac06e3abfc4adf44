/** Reads a model's answer from a WebSocket, and cuts it when a text has come: no rules, no product, one turn of the event loop. */
import { once } from "node:events"
import { WebSocket } from "ws"
import { childSide } from "../child.ts"

/** What it is told, for each cut: a request, and the text that it must not write. */
export type Cut = { body: object; mark: string }

const { input, say } = childSide<{ model: string }>()

const cutOnSight = async ({ body, mark }: Cut): Promise<void> => {
  const socket = new WebSocket(`${input.model.replace("http", "ws")}/responses`, { perMessageDeflate: false })
  await once(socket, "open")
  let text = ""
  socket.on("message", data => {
    const event: unknown = JSON.parse((data as Buffer).toString())
    if (typeof event !== "object" || event === null || !("delta" in event)) return
    text += String(event.delta)
    if (text.includes(mark)) socket.terminate()
  })
  socket.on("close", () => say({ cut: true }))
  socket.send(JSON.stringify({ type: "response.create", ...body }))
}
process.on("message", message => void cutOnSight(message as Cut))
say({ ready: true })
