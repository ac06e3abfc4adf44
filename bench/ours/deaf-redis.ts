import { rmSync } from "node:fs"
import { connect, createServer, type Socket } from "node:net"
import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"

/** Another address of a Redis, at which no published message ever arrives. */
export type DeafRedis = AsyncDisposable & { readonly url: string }

/**
 * Stands before a Redis and passes everything on but published messages: what a half-open subscription looks like to its
 * subscriber. Subscriptions have connections of their own, so whole pieces with a message in them can be dropped.
 */
export const deafen = async (socketPath: string): Promise<DeafRedis> => {
  const folder = await makeTempFolder("twl-deaf-")
  const path = join(folder.path, "redis.sock")
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const redis = connect(socketPath)
    let subscribes = false
    client.on("data", data => {
      subscribes ||= /\r\nsubscribe\r\n/i.test(data.toString("latin1"))
      redis.write(data)
    })
    redis.on("data", data => {
      if (subscribes && data.includes("\r\nmessage\r\n")) return
      client.write(data)
    })
    for (const socket of [client, redis]) {
      sockets.add(socket)
      socket.on("error", () => {}) // the close that follows is what counts
      socket.on("close", () => {
        sockets.delete(socket)
        client.destroy()
        redis.destroy()
      })
    }
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  return {
    url: `unix://${path}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
      rmSync(folder.path, { recursive: true, force: true })
    },
  }
}
