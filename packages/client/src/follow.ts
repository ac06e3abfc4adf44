import type { QueueChanged, TaskDelta, TaskEvent } from "@twolane/protocol"
import type { EventSourceMessage } from "eventsource-parser"
import { backoffMs, pause } from "./pause.ts"
import { ClientProblem, Unreachable } from "./problem.ts"
import { openStream } from "./stream.ts"
import type { Transport } from "./transport.ts"

/** Where to begin, and when to stop. */
export type FollowOptions = {
  /** The last event that was seen; from the start without one. */
  after?: string
  /** Go on after the last turn's end. */
  forever?: boolean
  /** Ends the iteration, without an error. */
  signal?: AbortSignal
  /** How long a stream that broke is tried again before the error is thrown. */
  patienceMs?: number
  /** Told each time the connection opens or breaks, for a reader who shows it. */
  onConnection?: (connection: Connection) => void
}

/** How a followed stream is doing: open, or broken and about to be tried again. */
export type Connection = { state: "open" } | { state: "broken"; error: unknown }

const defaultPatienceMs = 60_000

/**
 * The events of a task: its log, then what happens, with live text between. A connection that breaks is resumed after the last event, so
 * that each event comes once; live text that is lost comes whole with the event that ends it. Ends with the last turn.
 */
export async function* followTask(
  transport: Transport,
  task: string,
  { forever = false, ...options }: FollowOptions & Pick<Resume, "wasWell"> = {},
): AsyncGenerator<TaskEvent | TaskDelta, void> {
  const path = `/v1/tasks/${encodeURIComponent(task)}/events${forever ? "?follow=always" : ""}`
  for await (const message of resume(transport, path, options))
    if (!("again" in message)) yield JSON.parse(message.data) as TaskEvent | TaskDelta
}

/** What a team's stream says: an event with the cursor after it, a queue that moved, or that lists must be loaded again. */
export type TeamMessage = { cursor: string; event: TaskEvent } | { queue: QueueChanged } | { reset: true }

/**
 * Everything that happens in the team, from now or after a cursor. Ends only by its signal. A connection that broke before anything had
 * come has no cursor to resume from: that is a reset.
 */
export async function* followTeam(
  transport: Transport,
  options: Omit<FollowOptions, "forever"> = {},
): AsyncGenerator<TeamMessage, void> {
  for await (const message of resume(transport, "/v1/events", options)) {
    if ("again" in message) {
      if (message.again === null) yield { reset: true }
      continue
    }
    const { id, event, data } = message
    if (event === "reset") yield { reset: true }
    else if (id === undefined) yield { queue: JSON.parse(data) as QueueChanged }
    else yield { cursor: id, event: JSON.parse(data) as TaskEvent }
  }
}

type Resume = Omit<FollowOptions, "forever"> & {
  /** The gateway answered until now, elsewhere: one that is gone from the start is given the same patience. */
  wasWell?: boolean
}
/** A connection was opened again, after the event named; null when none had come. */
type Again = { again: string | null }

async function* resume(
  transport: Transport,
  path: string,
  {
    after: start,
    signal = new AbortController().signal,
    patienceMs = defaultPatienceMs,
    onConnection,
    wasWell = false,
  }: Resume,
): AsyncGenerator<EventSourceMessage | Again, void> {
  let after = start ?? null
  let opened = false
  let failures = 0
  let wellAt = wasWell ? Date.now() : Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    try {
      const messages = await openStream(transport, { path, after, signal })
      if (messages === null) return
      wellAt = Date.now()
      onConnection?.({ state: "open" })
      if (opened) yield { again: after }
      opened = true
      for await (const message of messages) {
        failures = 0
        wellAt = Date.now()
        if (message.id !== undefined && message.id !== "") after = message.id
        yield message
        if (signal.aborted) return
      }
    } catch (error) {
      if (signal.aborted) return
      if (!mayPass(error) || Date.now() - wellAt > patienceMs) throw error
      onConnection?.({ state: "broken", error })
    }
    // A stream that ended well and had nothing to say is asked again as slowly as one that broke.
    if (failures > 0) await pause(backoffMs(failures), signal)
    failures += 1
  }
}

const mayPass = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof ClientProblem && error.status === 503)
