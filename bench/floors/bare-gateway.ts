/** The least HTTP server that takes a job: parses the body, adds it to BullMQ's queue, answers. No key, schema, record or log. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { childSide } from "../child.ts"
import { openRawQueue } from "./raw-queue.ts"

/** What it is told. */
export type BareGatewayInput = { url: string }
/** What it says. */
export type BareGatewaySays = { port: number }

const { input, say } = childSide<BareGatewayInput>()
const { queue } = openRawQueue(input.url)

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const job = queue.add("task", JSON.parse(Buffer.concat(chunks).toString("utf8")))
    void job.then(({ id }) => {
      const body = JSON.stringify({ id })
      response.writeHead(202, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      })
      response.end(body)
    })
  })
})
// The load's connections rest while the others have their turn.
server.keepAliveTimeout = 0
server.listen(0, "127.0.0.1", () => say({ port: (server.address() as AddressInfo).port }))
