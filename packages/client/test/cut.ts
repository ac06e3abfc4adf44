import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** A way to a gateway that can be cut, as a network is. */
export type Cut = AsyncDisposable & {
  readonly url: string
  /** Breaks all connections, without a word; new ones may be made. */
  cut(): void
  /** How many connections were made. */
  readonly made: () => number
}

/** Hands connections on to a gateway. */
export const openCut = async (gatewayUrl: string): Promise<Cut> => {
  const { hostname, port } = new URL(gatewayUrl)
  const sockets = new Set<Socket>()
  let made = 0
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.once("close", () => sockets.delete(socket))
    return socket
  }
  const server = createServer(near => {
    made += 1
    const far = keep(connect(Number(port), hostname))
    keep(near).pipe(far).pipe(near)
    near.once("close", () => far.destroy())
    far.once("close", () => near.destroy())
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    made: () => made,
    [Symbol.asyncDispose]: async () => {
      cut()
      server.close()
      await once(server, "close")
    },
  }
}
