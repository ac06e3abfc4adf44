import { once } from "node:events"
import { connect, type Socket } from "node:net"

/** A POST for the load generator. */
export type LoadRequest = { path: string; headers: Readonly<Record<string, string>>; body: string }

/** Kept-alive connections to one server, each with one request at a time. */
export type LoadClient = Disposable & {
  /** Sends a request on a free connection; answers the status. */
  post(request: LoadRequest): Promise<number>
}

/**
 * The least client that can be: it writes requests and looks for the status and length of each answer. On a machine
 * that is shared with the server every cycle of the client is one that the server does not have.
 */
export const openLoad = async (url: string, connections: number): Promise<LoadClient> => {
  const { hostname, port, host } = new URL(url)
  const open = async (): Promise<Socket> => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    await once(socket, "connect")
    // An end is noticed only by whoever reads.
    return socket.resume()
  }
  const free = await Promise.all(Array.from({ length: connections }, open))
  const all = new Set(free)
  return {
    post: async request => {
      const last = free.pop()
      if (last === undefined) throw new Error("more requests at once than connections")
      // A server closes what rests for long, and soon what never asked for anything.
      const socket = last.readyState === "open" ? last : await open()
      all.delete(last)
      all.add(socket)
      socket.write(encode(host, request))
      const status = await readStatus(socket)
      free.push(socket)
      return status
    },
    [Symbol.dispose]: () => {
      for (const socket of all) socket.destroy()
    },
  }
}

const encode = (host: string, { path, headers, body }: LoadRequest): string => {
  const lines = Object.entries({
    host,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`
}

/** Reads one answer, which must have a Content-Length. */
const readStatus = (socket: Socket): Promise<number> =>
  new Promise((resolve, reject) => {
    let missing: number | null = null
    let head: Buffer = Buffer.alloc(0)
    let status = 0
    const settle = (act: () => void) => {
      socket.off("data", onData).off("close", onClose)
      act()
    }
    const onClose = () => settle(() => reject(new Error("the server closed a connection")))
    const onData = (data: Buffer) => {
      if (missing !== null) missing -= data.length
      else {
        head = head.length === 0 ? data : Buffer.concat([head, data])
        const end = head.indexOf("\r\n\r\n")
        if (end < 0) return
        const text = head.toString("latin1", 0, end)
        status = Number(text.slice(9, 12))
        const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
        if (length === undefined)
          return settle(() => reject(new Error(`an answer without a length: ${text}`)))
        missing = Number(length) - (head.length - end - 4)
      }
      if (missing <= 0) settle(() => resolve(status))
    }
    socket.on("data", onData).on("close", onClose)
  })
