import type { StoreOptions } from "./options.ts"
import { type Client, connect, type OnError, type Patience } from "./redis/connect.ts"

/** All connections of a store, so that closing it leaves none. */
export type Connections = {
  open: (name: string, patience: Patience) => Client
  /** Closes one, or all. A connection that never came up is dropped. */
  close: (client?: Client) => Promise<void>
}

/** Keeps a process' connections. After `close` errors of dying connections are no news. */
export const makeConnections = ({ url, onError }: Pick<StoreOptions, "url" | "onError">): Connections => {
  const clients = new Set<Client>()
  const closing = new WeakSet<Client>()
  return {
    open: (name, patience) => {
      const report: OnError = (error, where) => {
        if (!closing.has(client)) onError(error, where)
      }
      const client: Client = connect(url, name, patience, report)
      clients.add(client)
      return client
    },
    close: async one => {
      for (const client of one === undefined ? clients : [one]) {
        closing.add(client)
        clients.delete(client)
        client.disconnect()
      }
    },
  }
}
