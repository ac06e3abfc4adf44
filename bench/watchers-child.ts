/** Many readers of event streams in a process of their own: what they cost is theirs. */
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { childSide } from "./child.ts"
import { inFlight, preciseNow } from "./measure.ts"

/** Whom they watch: each path has as many watchers. */
export type WatchersInput = { url: string; paths: string[]; each: number; apiKey: string }
/** All of them are there; or, when it is asked for, how long each token was on its way since it was asked last. */
export type WatchersSay = { open: number } | { delays: number[] }

const { input, say } = childSide<WatchersInput>()
const { hostname, port, host } = new URL(input.url)
const openAtOnce = 100
let delays: number[] = []

/** The event that ends a message repeats its tokens: only the next one counts. */
const readTokens = (socket: Socket): void => {
  let next = 0
  socket.setEncoding("latin1")
  socket.on("data", (text: string | Buffer) => {
    for (const [, at, index] of String(text).matchAll(/@(\d+\.\d{3})#(\d+) /g)) {
      if (index === "0" && next > 0 && !String(text).includes("message.done")) next = 0
      if (Number(index) !== next) continue
      next += 1
      delays.push(preciseNow() - Number(at))
    }
  })
}

const watch = async (path: string): Promise<void> => {
  const socket = connect({ host: hostname, port: Number(port) })
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\nauthorization: Bearer ${input.apiKey}\r\n\r\n`,
  )
  const [head] = (await once(socket, "data")) as [Buffer]
  if (!head.toString("latin1").startsWith("HTTP/1.1 200"))
    throw new Error(`refused: ${head.toString("latin1")}`)
  readTokens(socket)
}

const all = input.paths.flatMap(path => Array.from({ length: input.each }, () => path))
await inFlight(all.length, openAtOnce, index => watch(all[index] ?? ""))
process.on("message", () => {
  say({ delays })
  delays = []
})
say({ open: all.length })
