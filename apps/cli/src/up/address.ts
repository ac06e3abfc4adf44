import { once } from "node:events"
import { createServer } from "node:net"
import { join } from "node:path"

/** A place to listen, or the one line that says why there is none. */
export type ListenCheck = { ok: true; port: number } | { ok: false; say: string }

/** Tries an address before anything is started on it; port 0 is made a free one. */
export const checkAddress = async (host: string, port: number): Promise<ListenCheck> => {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, "listening")
    const address = server.address()
    server.close()
    await once(server, "close")
    return { ok: true, port: typeof address === "object" && address !== null ? address.port : port }
  } catch (error) {
    return { ok: false, say: refusal(host, port, error) }
  }
}

const refusal = (host: string, port: number, error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error)
  const place = `${host}:${port}`
  if (code === "EADDRINUSE") return `TWOLANE_PORT: ${place} is in use by another program; choose another port`
  if (code === "EACCES")
    return `TWOLANE_PORT: ${place} needs more rights than we have; choose a port above 1023`
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `TWOLANE_HOST: ${host} is no address of this machine`
  return `TWOLANE_HOST, TWOLANE_PORT: cannot listen on ${place} (${code})`
}

/** The URL under which this machine reaches a gateway that listens on `host`. */
export const localUrl = (host: string, port: number): string => {
  const any = host === "0.0.0.0" || host === "::"
  const name = any ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** Where a running `npm start` writes its address, for commands that are called in the same folder. */
export const addressFile = (dataDir: string): string => join(dataDir, "address")
