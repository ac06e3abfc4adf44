import { connect } from "node:net"

/** Sends one inline command to a Redis on a unix socket; resolves with the start of its answer. */
export const askRedis = (socketPath: string, command: string, timeoutMs = 2_000): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ path: socketPath, timeout: timeoutMs })
    socket.on("connect", () => socket.write(`${command}\r\n`))
    socket.once("data", data => {
      socket.destroy()
      resolve(String(data))
    })
    socket.on("timeout", () => socket.destroy(new Error("Redis does not answer")))
    socket.on("error", reject)
    socket.on("close", () => reject(new Error("Redis closed the connection")))
  })

/** Whether a Redis is there and has read its data. */
export const isReady = async (socketPath: string): Promise<boolean> => {
  try {
    return (await askRedis(socketPath, "PING")).startsWith("+PONG")
  } catch {
    return false // not listening yet, or no longer
  }
}
