import { once } from "node:events"
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** A message as it came in. */
export type Received = { body: string; headers: IncomingHttpHeaders }

/** Somebody who hears of a team's events. */
export type Receiver = AsyncDisposable & {
  url: string
  /** As the setting TWOLANE_WEBHOOK_HOSTS names it. */
  host: string
  received: Received[]
}

/** Starts a receiver on the loopback address; it answers 204, or whatever `answer` says. */
export const startReceiver = async (
  answer: (response: ServerResponse, received: Received) => void = response => response.writeHead(204).end(),
): Promise<Receiver> => {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += String(chunk)
    const message = { body, headers: request.headers }
    received.push(message)
    answer(response, message)
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}/hook`,
    host,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
