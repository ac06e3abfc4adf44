import type { TaskEvent } from "@twolane/protocol"
import type { Entry } from "./entries.ts"

/** An entry with which an event goes on, as it is after it; null when the event is about another one. */
export const goneOn = (entry: Entry, event: TaskEvent): Entry | null => {
  switch (entry.kind) {
    case "message":
      return event.type === "message.done" && entry.live ? { ...entry, text: event.text, live: false } : null
    case "tool":
      return tool(entry, event)
    case "tests":
      return tests(entry, event)
    case "steer":
      if (event.type !== "steer.applied" && event.type !== "steer.rejected") return null
      if (event.steer !== entry.steer) return null
      return event.type === "steer.applied"
        ? { ...entry, answer: "applied" }
        : { ...entry, answer: "rejected", reason: event.reason }
    case "cancel": {
      if (event.type !== "cancel.confirmed" || entry.proven !== undefined) return null
      const { ms, killed, proof } = event
      return { ...entry, proven: { ms, killed, proof } }
    }
    case "gate": {
      if (event.type !== "gate.decided" || event.gate !== entry.gate) return null
      const { decision, by, note } = event
      return { ...entry, decided: { decision, by, note } }
    }
    default:
      return null
  }
}

const tool = (entry: Extract<Entry, { kind: "tool" }>, event: TaskEvent): Entry | null => {
  if (entry.end !== undefined) return null
  // The model was seen writing the call before it began.
  if (event.type === "tool.started" && event.call === entry.call && entry.tool === "")
    return { ...entry, tool: event.tool, input: event.input, output: "" }
  if (event.type !== "tool.ended" || event.call !== entry.call) return null
  const { output, ok, exitCode, truncated, durationMs } = event
  return { ...entry, output, end: { ok, exitCode, truncated, durationMs } }
}

/** A call that is held back until a person has answered; null for anything else. */
export const waitingForIt = (entry: Entry, { turn }: Pick<TaskEvent, "turn">): Entry | null =>
  entry.kind === "tool" && entry.end === undefined && entry.turn === turn ? { ...entry, asked: true } : null

const tests = (entry: Extract<Entry, { kind: "tests" }>, event: TaskEvent): Entry | null => {
  if (event.type !== "tests.ended" || entry.status !== undefined) return null
  const { command, output, status, superseded, passed, failed, failedAtBase, durationMs } = event
  return { ...entry, command, output, status, superseded, passed, failed, failedAtBase, durationMs }
}

/** An entry whose end will not come any more: its turn has ended, or its attempt was lost. */
export const cutOff = (entry: Entry, at: number): Entry => {
  if (entry.kind === "message" && entry.live) return { ...entry, live: false }
  if (entry.kind !== "tool" || entry.end !== undefined) return entry
  return { ...entry, end: { ok: false, truncated: false, durationMs: Math.max(0, at - entry.at) } }
}
