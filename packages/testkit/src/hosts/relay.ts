import { once } from "node:events"
import { connect, createServer, type ListenOptions, type NetConnectOpts } from "node:net"

/** Where a relay listens, and where it leads. */
export type RelayEnds = { from: ListenOptions; to: NetConnectOpts }

/** Lets whoever connects to the one end speak with the other; resolves once it listens. */
export const openRelay = async ({ from, to }: RelayEnds): Promise<AsyncDisposable> => {
  const open = new Set<Disposable>()
  const server = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ ...to, allowHalfOpen: true })
    near.pipe(far).pipe(near)
    const both: Disposable = {
      [Symbol.dispose]: () => {
        near.destroy()
        far.destroy()
      },
    }
    open.add(both)
    for (const socket of [near, far]) {
      // Who of the two ends badly ends the other one, as a cable would.
      socket.on("error", () => both[Symbol.dispose]())
      socket.once("close", () => {
        if (near.destroyed && far.destroyed) open.delete(both)
      })
    }
  })
  await once(server.listen(from), "listening")
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close")
      server.close()
      for (const both of open) both[Symbol.dispose]()
      await closed
    },
  }
}
