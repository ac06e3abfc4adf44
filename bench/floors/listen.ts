import type { Server } from "node:http"

/** Listens on a unix socket, or, without one, on a free port; answers where. */
export const listen = (server: Server, socket: string): Promise<string> =>
  new Promise((resolve, reject) => {
    // Its connections rest while the others have their turn.
    server.keepAliveTimeout = 60_000
    server.once("error", reject)
    const done = () => {
      const address = server.address()
      if (address === null || typeof address === "string") resolve(socket)
      else resolve(`http://127.0.0.1:${address.port}`)
    }
    if (socket === "") server.listen(0, "127.0.0.1", done)
    else server.listen(socket, done)
  })

/** Options of a request to a target: a unix socket, or the base URL of a model. */
export const targetOf = (
  target: string,
  path: string,
): { socketPath?: string; host?: string; port?: number; path: string } => {
  if (target.startsWith("/")) return { socketPath: target, path }
  const { hostname, port, pathname } = new URL(target)
  return { host: hostname, port: Number(port), path: `${pathname}${path}` }
}
