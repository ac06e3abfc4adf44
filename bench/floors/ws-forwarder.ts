/** The least that can stand between a caller and a model over WebSocket: each frame is sent on as it came, nothing is read. */
import { createServer } from "node:http"
import { WebSocket, WebSocketServer } from "ws"
import { childSide } from "../child.ts"
import type { HopInput } from "./hop.ts"
import { listen } from "./listen.ts"

const { input, say } = childSide<HopInput>()
const target = input.target.startsWith("/")
  ? `ws+unix://${input.target}:/v1/responses`
  : `${input.target.replace("http", "ws")}/responses`
const plain = { perMessageDeflate: false } as const

const server = createServer()
const sockets = new WebSocketServer({ server, ...plain })
sockets.on("connection", caller => {
  const upstream = new WebSocket(target, plain)
  const early: Buffer[] = []
  caller.on("message", data => {
    if (upstream.readyState === WebSocket.OPEN) upstream.send(data, { binary: false })
    else early.push(data as Buffer)
  })
  upstream.on("open", () => {
    for (const data of early) upstream.send(data, { binary: false })
  })
  upstream.on("message", data => caller.send(data, { binary: false }))
  upstream.on("close", () => caller.terminate())
  caller.on("close", () => upstream.terminate())
  upstream.on("error", () => caller.terminate())
  caller.on("error", () => upstream.terminate())
})
say({ listens: await listen(server, input.listen) })
