import type { TaskEvent } from "@twolane/protocol"
import type { Entry } from "./entries.ts"
import { noteOf } from "./note-of.ts"

/** The entry that an event begins; null when it has nothing to show. */
export const begunBy = (event: TaskEvent): Entry | null => {
  const at = { key: event.id, at: event.at, turn: event.turn }
  switch (event.type) {
    case "turn.queued":
      return event.again === undefined
        ? { ...at, kind: "prompt", lane: event.lane, prompt: event.prompt, by: event.by }
        : noted(event)
    case "message.done":
      return { ...at, kind: "message", text: event.text, live: false }
    case "tool.started":
      return { ...at, kind: "tool", call: event.call, tool: event.tool, input: event.input, output: "" }
    case "plan.updated":
      return { ...at, kind: "plan", explanation: event.explanation, steps: event.plan }
    case "patch.applied":
    case "checkpoint.saved": {
      const { type, files, diff, checkpoint } = event
      return {
        ...at,
        kind: "patch",
        how: type === "patch.applied" ? "patch" : "saved",
        files,
        diff,
        checkpoint,
      }
    }
    case "guardrail.tripped": {
      const { rule, stage, verdict, detail, path } = event
      return { ...at, kind: "trip", rule, stage, verdict, detail, path }
    }
    case "tests.started":
      return { ...at, kind: "tests", command: event.command, files: event.files, output: "" }
    case "tests.ended": {
      const { command, output, status, superseded, passed, failed, failedAtBase, durationMs } = event
      return {
        ...at,
        kind: "tests",
        files: [],
        command,
        output,
        status,
        superseded,
        passed,
        failed,
        failedAtBase,
        durationMs,
      }
    }
    case "steer.accepted":
      return { ...at, kind: "steer", steer: event.steer, prompt: event.prompt, by: event.by, answer: "open" }
    case "cancel.requested":
      return {
        ...at,
        kind: "cancel",
        by: event.by,
        scope: event.scope,
        handOff: event.handOff,
        reason: event.reason,
      }
    case "gate.opened":
      return { ...at, kind: "gate", gate: event.gate, asks: event.kind, detail: event.detail }
    case "handoff.created":
      return { ...at, kind: "handoff", from: event.from, to: event.to, packet: event.packet }
    case "pull_request.opened":
      return { ...at, kind: "link", text: "Pull request opened", url: event.url }
    case "turn.ended":
      return { ...at, kind: "ended", outcome: event.outcome, usage: event.usage }
    default:
      return noted(event)
  }
}

const noted = (event: TaskEvent): Entry | null => {
  const note = noteOf(event)
  return note === null ? null : { kind: "note", key: event.id, at: event.at, turn: event.turn, ...note }
}
