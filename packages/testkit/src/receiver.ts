import { once } from "node:events"
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

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
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const message = { body: await text(request), headers: request.headers }
    received.push(message)
    answer(response, message)
  }
  const server = createServer((request, response) => void take(request, response))
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
