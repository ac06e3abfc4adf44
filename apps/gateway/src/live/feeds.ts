import { type EventId, Fault, type Problem, problemOf, type TaskState } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import type { BegunTurn } from "../fast/taker.ts"
import { type Gateway, readTask } from "../gateway.ts"
import { faultOf } from "../http/problem.ts"
import { type Feed, openFeed } from "./feed.ts"
import type { Wire } from "./wire.ts"

/** The tasks whose events one socket gets. */
export type Feeds = {
  /**
   * Begins a task's events after one of them, and answers the task as it is.
   * @throws Fault not-found, too-many-subscriptions
   */
  subscribe(ref: TaskRef, after: EventId): Promise<TaskState>
  unsubscribe(task: string): void
  /** Sends a turn's stream, or, of one that was begun before, what the log has of it. Resolves when the stream has ended. */
  take(turn: BegunTurn, after: EventId): Promise<Problem | null>
  /** Resolves when an event of a task went out. */
  reached(task: string, event: EventId): Promise<void>
}

/** The most subscriptions of one socket. */
export const maxSubscriptions = 100

/** Keeps the feeds of one socket. They end with it. */
export const openFeeds = (gateway: Gateway, wire: Wire, requestId: string): Feeds => {
  const all = new Map<string, Feed>()

  const open = (ref: TaskRef, since: EventId): Feed => {
    const onEnd = (error: unknown) => {
      if (all.get(ref.task) === feed) all.delete(ref.task)
      if (error !== undefined && !wire.signal.aborted) tellStopped(ref.task, error)
    }
    const feed = openFeed({ gateway, wire, onEnd }, { team: ref.team, task: ref.task }, since)
    all.set(ref.task, feed)
    return feed
  }
  const tellStopped = (task: string, error: unknown) => {
    const fault = faultOf(error)
    if (fault.code === "internal") gateway.log.error({ requestId, task, error }, "a live feed broke off")
    void wire.send(JSON.stringify({ stopped: { task, problem: problemOf(fault, requestId) } }))
  }
  return {
    subscribe: async (ref, after) => {
      const state = await readTask(gateway, ref)
      const known = all.get(ref.task)
      if (known === undefined && all.size >= maxSubscriptions)
        throw new Fault("too-many-subscriptions", `At most ${maxSubscriptions}; unsubscribe from others.`)
      const feed = known ?? open(ref, after)
      feed.keep(after)
      return state
    },
    unsubscribe: task => {
      all.get(task)?.stop()
      all.delete(task)
    },
    take: async ({ ref, begun, goOn }, after) => {
      const feed = all.get(ref.task) ?? open(ref, after)
      if (begun !== null) return feed.pipe({ stream: begun.stream, goOn })
      feed.begin()
      return null
    },
    reached: async (task, event) => all.get(task)?.reached(event),
  }
}
