import { request } from "node:http"
import { connect, type Socket } from "node:net"

/** Opens a connection to a target. */
export type Dial = (target: { host: string; port: number }) => Promise<Socket>

const connectMs = 15_000

/** Connects to the first of the addresses that answers. */
export const dialDirect = async ({
  addresses,
  port,
}: {
  addresses: string[]
  port: number
}): Promise<Socket> => {
  let failure: unknown = new Error("the name has no address")
  for (const host of addresses) {
    try {
      return await connected(connect({ host, port }))
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

const connected = (socket: Socket): Promise<Socket> =>
  new Promise((resolve, reject) => {
    socket.setTimeout(connectMs, () => socket.destroy(new Error("no answer within 15 s")))
    socket.once("error", reject)
    socket.once("connect", () => {
      socket.setTimeout(0)
      socket.off("error", reject)
      socket.on("error", () => {})
      resolve(socket)
    })
  })

/** Connects through another HTTP proxy, by `CONNECT`. */
export const dialThrough = (proxy: URL, { host, port }: { host: string; port: number }): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { username, password } = proxy
    const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
      "base64",
    )
    const name = host.includes(":") ? `[${host}]` : host
    const asking = request({
      host: proxy.hostname,
      port: proxy.port === "" ? 80 : Number(proxy.port),
      method: "CONNECT",
      path: `${name}:${port}`,
      headers: username === "" ? {} : { "Proxy-Authorization": `Basic ${login}` },
      timeout: connectMs,
    })
    asking.once("timeout", () => asking.destroy(new Error("the proxy does not answer")))
    asking.once("error", reject)
    asking.once("connect", (answer, socket) => {
      socket.on("error", () => {})
      if (answer.statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(new Error(`the proxy answers ${answer.statusCode ?? 0}`))
    })
    asking.end()
  })
