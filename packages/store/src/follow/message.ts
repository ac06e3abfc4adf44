import type { DeltaBody, EventId, NewEvent, TaskDelta, TaskEvent } from "@twolane/protocol"
import { fromJson } from "../context.ts"
import { nameEvent } from "../task/log.ts"

/** What a task's channel says. */
export type LiveMessage =
  /** Events, each once, right after the one with the id `after`. */
  | { kind: "events"; after: EventId; last: EventId; events: TaskEvent[] }
  /** Too large to be sent: to be read from the log. */
  | { kind: "grown"; last: EventId }
  | { kind: "deltas"; deltas: TaskDelta[] }
  /** An effect has its result. */
  | { kind: "effect"; op: string }

/** The shapes on the wire: `p` the id before, `a` the attempt, `n` the first number, `e` events, `c` their count, `d` deltas, `t` their turn. */
type Wire =
  | { p: EventId; a: number; n: number; e: NewEvent[] }
  | { p: EventId; a: number; n: number; c: number }
  | { a: number; t: string; d: (DeltaBody & { at: number })[] }
  | { op: string }

/** Reads a message that the store itself published; what comes of it is for all of its readers, and stays as it is. */
export type DecodeMessage = (task: string, text: string) => LiveMessage

/** Reads each message once for all who watch its task: they hear of it one after another. */
export const decodeForAll = (): DecodeMessage => {
  let last: { task: string; text: string; message: LiveMessage } | null = null
  return (task, text) => {
    if (last?.text !== text || last.task !== task) last = { task, text, message: decodeMessage(task, text) }
    return last.message
  }
}

/** Reads a message for one reader. */
export const decodeMessage: DecodeMessage = (task, text) => {
  const wire = fromJson<Wire>(text)
  if ("op" in wire) return { kind: "effect", op: wire.op }
  if ("d" in wire) {
    const { a: attempt, t: turn } = wire
    return { kind: "deltas", deltas: wire.d.map(delta => ({ ...delta, task, turn, attempt })) }
  }
  if ("c" in wire) return { kind: "grown", last: `${wire.a}-${wire.n + wire.c - 1}` }
  const events = wire.e.map((event, index) => nameEvent(task, `${wire.a}-${wire.n + index}`, event))
  return { kind: "events", after: wire.p, last: `${wire.a}-${wire.n + wire.e.length - 1}`, events }
}
