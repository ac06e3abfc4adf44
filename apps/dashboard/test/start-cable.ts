import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"

/** A cable between a browser and a gateway, which a test can pull out. */
export type Cable = AsyncDisposable & {
  readonly url: string
  /** Breaks every connection, and takes no new ones. */
  pull(): void
  plug(): void
}

/** Lays a cable to a server on this machine. */
export const startCable = async (target: string): Promise<Cable> => {
  const { port, hostname } = new URL(target)
  const open = new Set<Socket>()
  let pulled = false
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.on("close", () => open.delete(socket))
    socket.on("error", () => socket.destroy())
  }
  const server = createServer(near => {
    if (pulled) return near.destroy()
    const far = connect(Number(port), hostname)
    keep(near)
    keep(far)
    near.pipe(far)
    far.pipe(near)
    near.on("close", () => far.destroy())
    far.on("close", () => near.destroy())
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the cable has no port")
  const pull = () => {
    pulled = true
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    pull,
    plug: () => {
      pulled = false
    },
    [Symbol.asyncDispose]: async () => {
      pull()
      server.close()
      await once(server, "close")
    },
  }
}
