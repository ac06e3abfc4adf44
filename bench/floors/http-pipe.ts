/** The least that can stand between a caller and a model over HTTP: node:http, both bodies piped, nothing read. */
import { Agent, createServer, request } from "node:http"
import { childSide } from "../child.ts"
import type { HopInput } from "./hop.ts"
import { listen, targetOf } from "./listen.ts"

const { input, say } = childSide<HopInput>()
const agent = new Agent({ keepAlive: true })

const server = createServer((incoming, outgoing) => {
  const { method, url = "" } = incoming
  // Each side keeps its own connections.
  const { connection: _connection, ...headers } = incoming.headers
  const upstream = request({ ...targetOf(input.target, url), method, headers, agent }, answer => {
    const { connection: _own, ...kept } = answer.headers
    outgoing.writeHead(answer.statusCode ?? 502, kept)
    answer.pipe(outgoing)
  })
  upstream.on("error", () => outgoing.destroy())
  outgoing.on("close", () => upstream.destroy())
  incoming.pipe(upstream)
})
say({ listens: await listen(server, input.listen) })
