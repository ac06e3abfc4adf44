import { Redis } from "ioredis"
import type { StoreOptions } from "./options.ts"
import { type Client, connect, type OnError, type Patience } from "./redis/connect.ts"
import { every } from "./timer.ts"

/** All connections of a store, so that closing it leaves none. */
export type Connections = {
  open: (name: string, patience: Patience) => Client
  /** Closes one, or all. A connection that never came up is dropped. */
  close: (client?: Client) => Promise<void>
}

/** Who only listens owes nothing, and is owed nothing: it asks, so that a silent connection is found out. */
const askEveryMs = 10_000

/** Keeps a process' connections. After `close` errors of dying connections are no news. */
export const makeConnections = ({ url, onError }: Pick<StoreOptions, "url" | "onError">): Connections => {
  const clients = new Map<Client, AsyncDisposable | null>()
  const closing = new WeakSet<Client>()
  return {
    open: (name, patience) => {
      const report: OnError = (error, where) => {
        if (!closing.has(client)) onError(error, where)
      }
      const client: Client = connect(url, name, patience, report)
      clients.set(client, patience === "wait" && client instanceof Redis ? keepAsking(client, report) : null)
      return client
    },
    close: async one => {
      for (const client of one === undefined ? [...clients.keys()] : [one]) {
        const asking = clients.get(client)
        closing.add(client)
        clients.delete(client)
        client.disconnect()
        await asking?.[Symbol.asyncDispose]()
      }
    },
  }
}

/** What comes of it the connection itself reports. */
const keepAsking = (client: Redis, onError: OnError): AsyncDisposable =>
  every(askEveryMs, {
    name: "ask whether Redis is there",
    after: "interval",
    onError,
    run: async () => {
      if (client.status === "ready") await client.ping().catch(() => undefined)
    },
  })
