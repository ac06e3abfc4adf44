import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { freePort } from "./free-port.ts"
import { guardProcess } from "./guard.ts"
import { makeTempFolder } from "./temp.ts"

/** What a private Redis is started with. */
export type RedisOptions = {
  /** One node that holds every slot, on a free loopback port. Redis needs about 2 s until such a node takes writes. */
  cluster?: boolean
  /** Settings over ours, such as `{ appendfsync: "always" }` or `{ "maxmemory-policy": "allkeys-lru" }`. */
  settings?: Record<string, string>
  /** What stands before its command (`Host.within`). */
  within?: readonly string[]
}

/** A redis-server of one test file. */
export type PrivateRedis = AsyncDisposable & {
  /**
   * What `REDIS_URL` would be: `unix:///…/redis.sock`, or `redis://127.0.0.1:<port>` of a cluster node.
   * ioredis takes both as they are: `new Redis(url)`, `new Cluster([url])`.
   */
  readonly url: string
  /** The socket's path; a cluster node has none. */
  readonly socketPath?: string
  /** Ends the server and removes its data. */
  stop(): Promise<void>
  /** Kills the server as a power cut would; `restart` brings it back with what its log file holds. */
  kill9(): Promise<void>
  /** Starts the server again at the same address, with its data; a running one is shut down first. */
  restart(): Promise<void>
  /** Freezes the process (SIGSTOP): connections stay open and nothing is answered. */
  pause(): void
  /** Ends `pause`. */
  resume(): void
}

/** Starts a private redis-server (append-only file, no eviction) in a folder of its own. */
export const startRedis = async (options: RedisOptions = {}): Promise<PrivateRedis> => {
  const folder = await makeTempFolder("twl-redis-")
  const socketPath = join(folder.path, "redis.sock")
  const port = options.cluster === true ? await freePort() : 0
  const address = port === 0 ? { path: socketPath } : { host: "127.0.0.1", port }
  const settings = { ...baseSettings(folder.path), ...addressSettings(port, socketPath), ...options.settings }
  let server: ChildProcess | null = null
  let release = () => {}

  const start = async () => {
    server = await launch(settings, options.within ?? [])
    if (server.pid !== undefined) release = guardProcess(server.pid, folder.path)
    if (port !== 0) await becomeCluster(address)
  }
  const end = async (signal: NodeJS.Signals) => {
    const ending = server
    server = null
    if (ending?.exitCode === null && ending.signalCode === null) {
      const gone = once(ending, "exit")
      ending.kill("SIGCONT")
      ending.kill(signal)
      await gone
    }
    release()
  }
  const stop = async () => {
    await end("SIGKILL")
    await folder[Symbol.asyncDispose]()
  }

  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: port === 0 ? `unix://${socketPath}` : `redis://127.0.0.1:${port}`,
    ...(port === 0 ? { socketPath } : {}),
    stop,
    kill9: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM")
      await start()
    },
    pause: () => void server?.kill("SIGSTOP"),
    resume: () => void server?.kill("SIGCONT"),
    [Symbol.asyncDispose]: stop,
  }
}

const baseSettings = (folder: string): Record<string, string> => ({
  dir: folder,
  bind: "127.0.0.1",
  save: "",
  appendonly: "yes",
  appendfsync: "everysec",
  "maxmemory-policy": "noeviction",
  "stream-node-max-bytes": "1024",
})

const addressSettings = (port: number, socketPath: string): Record<string, string> =>
  port === 0
    ? { port: "0", unixsocket: socketPath, unixsocketperm: "700" }
    : {
        port: String(port),
        "cluster-enabled": "yes",
        "cluster-port": String(busPort(port)),
        // A lone node does not know its own address, and ioredis waits for ever on an empty one.
        "cluster-announce-ip": "127.0.0.1",
      }

/** The cluster bus listens too, though a single node has nobody to speak to. */
const busPort = (port: number): number => (port < 55_000 ? port + 10_000 : port - 10_000)

const launch = async (settings: Record<string, string>, within: readonly string[]): Promise<ChildProcess> => {
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const [program, ...before] = [...within, "redis-server"]
  const server = spawn(program, [...before, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH },
  })
  const lines = createInterface({ input: server.stdout })
  const seen: string[] = []
  server.stderr.on("data", data => seen.push(String(data)))
  await new Promise<void>((resolve, reject) => {
    server.once("error", cause => reject(new Error("redis-server could not be started", { cause })))
    server.once("close", code =>
      reject(new Error(`redis-server ended (${code}): ${seen.slice(-5).join("\n")}`)),
    )
    lines.on("line", line => {
      seen.push(line)
      if (line.includes("eady to accept connections")) resolve()
    })
  })
  // Read on, so that the server never blocks on a full pipe, but keep none of it.
  lines.removeAllListeners("line")
  lines.on("line", () => {})
  server.stderr.removeAllListeners("data").resume()
  return server
}

type Address = { path: string } | { host: string; port: number }

/** Gives the node every slot (once; it remembers) and waits until it takes writes. */
const becomeCluster = async (address: Address): Promise<void> => {
  const socket = connect(address)
  try {
    await once(socket, "connect")
    await ask(socket, "CLUSTER ADDSLOTSRANGE 0 16383")
    while (!(await ask(socket, "CLUSTER INFO")).includes("cluster_state:ok"))
      await new Promise(resolve => setTimeout(resolve, 20))
  } finally {
    socket.destroy()
  }
}

/** One inline command; its answer is short enough to come in one piece on loopback. */
const ask = async (socket: ReturnType<typeof connect>, command: string): Promise<string> => {
  const answer = once(socket, "data")
  socket.write(`${command}\r\n`)
  const [data] = await answer
  return String(data)
}
