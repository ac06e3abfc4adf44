import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** A way to a Redis that can be made slow, or cut. */
export type SlowWay = AsyncDisposable & {
  url: string
  /** How long what is sent takes from now on, in ms. What was sent before still comes first. */
  delay(ms: number): void
  /** Ends all connections, with what is still on its way; new ones may be made. */
  cut(): void
}

/** Listens on loopback for a Redis whose address is `unix:///path`. */
export const openSlowWay = async (redisUrl: string): Promise<SlowWay> => {
  let delayMs = 0
  const open = new Set<Socket>()
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  const server = createServer(client => {
    const redis = connect(redisUrl.replace("unix://", ""))
    let sent = Promise.resolve()
    client.on("data", bytes => {
      const due = performance.now() + delayMs
      sent = sent.then(async () => {
        const leftMs = due - performance.now()
        if (leftMs > 0) await new Promise(resolve => setTimeout(resolve, leftMs).unref())
        if (!redis.destroyed) redis.write(bytes)
      })
    })
    redis.on("data", bytes => client.write(bytes))
    for (const socket of [client, redis]) {
      open.add(socket)
      socket.on("error", () => undefined)
      socket.once("close", () => {
        open.delete(socket)
        client.destroy()
        redis.destroy()
      })
    }
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    delay: ms => {
      delayMs = ms
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      cut()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
