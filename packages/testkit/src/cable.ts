import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** Where a cable leads, as `net.connect` takes it. */
export type CableEnd = { path: string } | { host: string; port: number }

/** The ways through a cable: `up` to the server, `down` from it. */
export type CableWay = "up" | "down"

/** A way to a server of this machine that can be made slow, half-open or cut. */
export type Cable = AsyncDisposable & {
  /** The loopback port that stands for the server. */
  port: number
  /** How long what is sent to the server takes from now on, in ms. What was sent before still comes first. */
  delay(ms: number): void
  /** Ends all connections, with what is still on its way; new ones may be made. */
  cut(): void
  /** Lets nothing through these ways any more, while connections stay and may be made: nobody is told. */
  hold(...ways: CableWay[]): void
  /** Ends `hold`: what waited goes on its way, as TCP has it. */
  release(): void
  /** The connections that are open now carry nothing any more, and nobody is told; new ones do. */
  strand(): void
}

/** Opens a cable on loopback. */
export const openCable = async (end: CableEnd): Promise<Cable> => {
  let delayMs = 0
  const held = { up: openGate(), down: openGate() }
  const open = new Set<Socket>()
  const pass = (from: Socket, to: Socket, way: CableWay) => {
    let sent = Promise.resolve()
    from.on("data", bytes => {
      const due = performance.now() + (way === "up" ? delayMs : 0)
      sent = sent.then(async () => {
        const leftMs = due - performance.now()
        if (leftMs > 0) await new Promise(resolve => setTimeout(resolve, leftMs).unref())
        await held[way].isOpen
        if (!to.destroyed) to.write(bytes)
      })
    })
  }
  const strand = () => {
    for (const socket of open) socket.removeAllListeners("data").pause()
  }
  const server = createServer(client => {
    const far = connect(end)
    pass(client, far, "up")
    pass(far, client, "down")
    for (const socket of [client, far]) {
      open.add(socket)
      socket.on("error", () => undefined)
      socket.once("close", () => {
        open.delete(socket)
        client.destroy()
        far.destroy()
      })
    }
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const release = () => {
    for (const gate of [held.up, held.down]) gate.open()
  }
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    delay: ms => {
      delayMs = ms
    },
    cut,
    strand,
    hold: (...ways) => {
      for (const way of ways) held[way].close()
    },
    release,
    [Symbol.asyncDispose]: async () => {
      cut()
      release()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

type Gate = { isOpen: Promise<void>; open: () => void; close: () => void }

const openGate = (): Gate => {
  const gate: Gate = {
    isOpen: Promise.resolve(),
    open: () => {},
    close: () => {
      gate.open()
      const { promise, resolve } = Promise.withResolvers<void>()
      gate.isOpen = promise
      gate.open = resolve
    },
  }
  return gate
}
