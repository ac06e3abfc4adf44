import { lookup } from "node:dns/promises"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import { isIP, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Duplex } from "node:stream"
import { pipeline } from "node:stream/promises"
import { fileURLToPath } from "node:url"
import { isPublicAddress } from "./addresses.ts"
import type { JailRun } from "./args.ts"
import { type Dial, dialDirect, dialThrough } from "./dial.ts"
import { type AllowedHost, findAllowed } from "./hosts.ts"

/** An allow-list proxy for one jail: what it takes to give the jail a network, and which hosts it asked for in vain. */
export type JailProxy = AsyncDisposable & {
  readonly network: NonNullable<JailRun["network"]>
  readonly refused: ReadonlySet<string>
}

/** What a proxy is started with. */
export type ProxyOptions = {
  allowed: readonly AllowedHost[]
  /** The proxy that the worker itself must use (`HTTPS_PROXY`); null: none. */
  upstream: URL | null
  /** Answers a name's addresses; the system's resolver by default. */
  resolve?: (host: string) => Promise<string[]>
}

const idleMs = 120_000

/**
 * Starts a proxy on a Unix socket. Names are resolved here, once, every address is judged, and the connection goes to the
 * address that was judged; a private one only where the operator named the host.
 */
export const startProxy = async (options: ProxyOptions): Promise<JailProxy> => {
  // Of a socket's path at most 107 bytes count, so it does not lie in the data folder.
  const folder = await mkdtemp(join(tmpdir(), "twolane-proxy-"))
  await chmod(folder, 0o700)
  const socket = join(folder, "s")
  const refused = new Set<string>()
  const open = new Set<Duplex>()
  const dial = dialer(options, refused)
  const server = createServer((incoming, answer) => void forward(dial, incoming, answer))
  server.on("connection", (peer: Socket) => {
    open.add(peer)
    peer.setTimeout(idleMs, () => peer.destroy())
    peer.once("close", () => open.delete(peer))
  })
  server.on("connect", (incoming: IncomingMessage, peer: Duplex, head: Buffer) => {
    peer.on("error", () => peer.destroy())
    void tunnel(dial, incoming, peer, head)
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(socket, resolve)
  })
  return {
    network: { socket, forwarder: fileURLToPath(new URL("forwarder.ts", import.meta.url)) },
    refused,
    [Symbol.asyncDispose]: async () => {
      for (const peer of open) peer.destroy()
      await new Promise(resolve => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Target = { host: string; port: number }

/** Refused by the allow-list, in words for the log of the setup. */
class Refusal extends Error {}

const dialer = ({ allowed, upstream, resolve = systemResolve }: ProxyOptions, refused: Set<string>) => {
  const refuse = (target: Target, why: string): never => {
    refused.add(`${target.host}:${target.port}`)
    throw new Refusal(`Twolane: ${target.host}:${target.port} ${why}.\n`)
  }
  return async (target: Target): Promise<Socket> => {
    const rule = findAllowed(allowed, target)
    if (rule === null) return refuse(target, "is not among the hosts that this jail may reach")
    // Behind a proxy of the operator's only that proxy can resolve names.
    if (upstream !== null) return dialThrough(upstream, target)
    const addresses = isIP(target.host) ? [target.host] : await resolve(target.host)
    if (!rule.internal && !addresses.every(isPublicAddress))
      return refuse(target, "leads into a private network")
    return dialDirect({ addresses, port: target.port })
  }
}

const systemResolve = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true })).map(found => found.address)

/** `CONNECT host:port`: bytes both ways. */
const tunnel = async (dial: Dial, incoming: IncomingMessage, peer: Duplex, head: Buffer): Promise<void> => {
  const target = targetOf(`https://${incoming.url ?? ""}`, 443)
  try {
    const remote = await dial(target)
    peer.write("HTTP/1.1 200 Connection established\r\n\r\n")
    remote.write(head)
    remote.once("error", () => peer.destroy())
    peer.once("close", () => remote.destroy())
    peer.pipe(remote).pipe(peer)
  } catch (error) {
    if (peer.writable)
      peer.end(`HTTP/1.1 ${statusLine(error)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
  }
}

/** A plain HTTP request with a whole URL. */
const forward = async (dial: Dial, incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
  const given = incoming.url ?? ""
  if (!URL.canParse(given) || new URL(given).protocol !== "http:") {
    answer.writeHead(400).end("Twolane: this is a proxy.\n")
    return
  }
  const url = new URL(given)
  try {
    const remote = await dial(targetOf(given, 80))
    const { "proxy-connection": _, "proxy-authorization": __, ...headers } = incoming.headers
    const outgoing = request({
      createConnection: () => remote,
      method: incoming.method ?? "GET",
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, connection: "close", host: url.host },
    })
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once("response", resolve)
      outgoing.once("error", reject)
    })
    await pipeline(incoming, outgoing)
    const got = await response
    answer.writeHead(got.statusCode ?? 502, got.headers)
    await pipeline(got, answer)
  } catch (error) {
    if (answer.headersSent) answer.destroy()
    else
      answer.writeHead(error instanceof Refusal ? 403 : 502).end(error instanceof Error ? error.message : "")
  }
}

const targetOf = (text: string, defaultPort: number): Target => {
  if (!URL.canParse(text)) return { host: "", port: 0 }
  const url = new URL(text)
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1")
  return { host, port: url.port === "" ? defaultPort : Number(url.port) }
}

const statusLine = (error: unknown): string =>
  error instanceof Refusal ? "403 Forbidden" : "502 Bad Gateway"
