import type { Client, OnError } from "../redis/connect.ts"
import { withDeadline } from "../redis/deadline.ts"

/** What a listener of a channel hears: a message; or `null` when messages may have been lost (the connection was away). */
export type Listener = (message: string | null) => void

/** The process' one subscription: any number of channels and listeners over one connection. */
export type Hub = {
  /**
   * Listens to channels from the moment it resolves until the returned function is called. What is published on them by one connection
   * comes in its order.
   */
  listen: (channels: readonly string[], listener: Listener) => Promise<() => void>
}

/** Shares a subscriber connection. Pub/sub only wakes: whoever needs every event reads the log for the gaps. */
export const makeHub = (subscriber: Client, onError: OnError): Hub => {
  const channels = new Map<string, { listeners: Set<Listener>; ready: Promise<unknown> }>()
  subscriber.on("message", (channel: string, message: string) => {
    for (const listener of channels.get(channel)?.listeners ?? []) listener(message)
  })
  // ioredis subscribes again by itself; what was said meanwhile is gone.
  subscriber.on("ready", () => {
    for (const { listeners } of channels.values()) for (const listener of listeners) listener(null)
  })
  const join = (channel: string, listener: Listener): Promise<unknown> => {
    const known = channels.get(channel)
    const entry = known ?? { listeners: new Set<Listener>(), ready: subscriber.subscribe(channel) }
    if (known === undefined) channels.set(channel, entry)
    entry.listeners.add(listener)
    return entry.ready
  }
  const leave = (channel: string, listener: Listener) => {
    const entry = channels.get(channel)
    if (entry === undefined || !entry.listeners.delete(listener) || entry.listeners.size > 0) return
    channels.delete(channel)
    subscriber.unsubscribe(channel).catch(error => {
      if (subscriber.status === "ready") onError(error, "unsubscribe")
    })
  }
  return {
    listen: async (names, listener) => {
      const stop = () => {
        for (const channel of names) leave(channel, listener)
      }
      try {
        await withDeadline(Promise.all(names.map(channel => join(channel, listener))))
      } catch (error) {
        stop()
        throw error
      }
      return stop
    },
  }
}
