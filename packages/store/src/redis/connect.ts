import { readSentinelUrl } from "@twolane/common"
import { Cluster, Redis } from "ioredis"
import { gatherWrites } from "./gather-writes.ts"

/** One connection, or a cluster's connections; both take the same commands. */
export type Client = Redis | Cluster

/** How a connection behaves while Redis is away. */
export type Patience =
  /** Commands fail after the first reconnection that failed: for requests that somebody waits for. */
  | "fail-fast"
  /** Commands wait for ever: what BullMQ's workers and subscribers want. */
  | "wait"

/** Opens a connection to `redis://`, `rediss://`, `unix:///path`, `redis+sentinel://…/name`, or a comma-separated list for a cluster. */
export const connect = (url: string, name: string, patience: Patience, onError: OnError): Client => {
  const client = open(url, optionsOf(name, patience))
  gatherWrites(client)
  client.on("error", error => onError(error, `redis ${name}`))
  return client
}

const open = (url: string, options: ReturnType<typeof optionsOf>): Client => {
  const watched = readSentinelUrl(url)
  if (watched !== null) {
    const { sentinels, name, username, password } = watched
    return new Redis({
      ...options,
      sentinels,
      name,
      retryStrategy: retryDelayMs,
      sentinelRetryStrategy: retryDelayMs,
      // A primary that was deposed while connections to it were open says READONLY: then the sentinels are asked again.
      reconnectOnError: error => (error.message.startsWith("READONLY") ? 2 : false),
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
    })
  }
  const nodes = url.split(",").map(node => node.trim())
  const first = nodes[0] ?? ""
  return nodes.length === 1
    ? new Redis(first, { ...options, retryStrategy: retryDelayMs })
    : new Cluster(nodes, clusterOptions(options, first))
}

export type OnError = (error: unknown, where: string) => void

/** Whether a URL names a cluster: then no order holds between commands to different nodes. */
export const isClusterUrl = (url: string): boolean => url.includes(",") && readSentinelUrl(url) === null

const retryDelayMs = (times: number): number => Math.min(50 * 2 ** Math.min(times, 5), 1_000)

/**
 * So long a connection may be silent while it owes an answer; then it is opened anew. A host that was cut off, a firewall that lost its
 * table: nobody tells that a connection is dead, and the system itself would try for a quarter of an hour. Shorter than a call may take,
 * and than a worker that cannot prove its leases waits; BullMQ's blocking calls are answered every 10 s.
 */
const silentMs: Readonly<Record<Patience, number>> = { "fail-fast": 4_000, wait: 15_000 }

const optionsOf = (name: string, patience: Patience) => ({
  connectionName: `twolane:${name}`,
  connectTimeout: 5_000,
  socketTimeout: silentMs[patience],
  maxRetriesPerRequest: patience === "wait" ? null : 1,
  // A command whose answer was lost may have run: its caller decides, by its own nonce, what to do.
  autoResendUnfulfilledCommands: patience === "wait",
})

const clusterOptions = (options: ReturnType<typeof optionsOf>, first: string) => {
  const { username, password, protocol } = new URL(first)
  return {
    redisOptions: {
      ...options,
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === "rediss:" ? { tls: {} } : {}),
    },
    clusterRetryStrategy: retryDelayMs,
    slotsRefreshTimeout: 5_000,
  }
}
