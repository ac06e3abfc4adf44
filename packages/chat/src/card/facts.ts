import { compareEventIds, type EventId, GateKind, Outcome, type TaskEvent } from "@twolane/protocol"
import { z } from "zod"

/** What a task's messages say beside its state: kept with its conversation, one field each, the newest value of each. */
export const Facts = z.object({
  /** What its agent said last. */
  said: z.object({ text: z.string(), turn: z.string().nullable() }).optional(),
  /** What it said last in each turn; of one that is very long the end. */
  whole: z.record(z.string(), z.string()),
  /** The newest event after which what was being said is over. */
  heard: z.string().optional(),
  /** What it is just saying: the text so far, and the newest event that was known when it began. */
  live: z.object({ text: z.string(), after: z.string() }).optional(),
  /** What it does just now. */
  doing: z.string().optional(),
  plan: z.array(z.object({ step: z.string(), status: z.string() })).optional(),
  pullRequest: z.string().optional(),
  gates: z.record(
    z.string(),
    z.object({
      kind: GateKind,
      detail: z.string(),
      decided: z.object({ decision: z.string(), by: z.string() }).optional(),
    }),
  ),
  ended: z.record(z.string(), Outcome),
})
export type Facts = z.infer<typeof Facts>

/** One field of the facts and its value as JSON. */
export type Fact = { field: string; json: string }

const maxSaidChars = 12_000
const maxWholeChars = 100_000
const maxDetailChars = 20_000

const fact = (field: string, value: unknown): Fact => ({ field, json: JSON.stringify(value) })

/** What an event adds to the facts. */
export const factsIn = (event: TaskEvent): Fact[] => {
  switch (event.type) {
    case "message.done":
      return [
        fact("said", { text: event.text.slice(-maxSaidChars), turn: event.turn }),
        ...(event.turn === null ? [] : [fact(`whole ${event.turn}`, event.text.slice(-maxWholeChars))]),
        fact("heard", event.id),
      ]
    case "plan.updated":
      return [
        fact(
          "plan",
          event.plan.slice(0, 20).map(({ step, status }) => ({ step: step.slice(0, 300), status })),
        ),
      ]
    case "tool.started":
      return [fact("doing", `It uses ${event.tool}.`)]
    case "patch.applied":
      return [
        fact(
          "doing",
          `It changed ${event.files
            .slice(0, 5)
            .map(({ path }) => path)
            .join(", ")}.`,
        ),
      ]
    case "tests.started":
      return [fact("doing", "The tests run.")]
    case "model.waiting":
      return [fact("doing", event.detail)]
    case "turn.started":
      return [fact("doing", ""), fact("heard", event.id)]
    case "tests.ended":
      return [fact("doing", "")]
    case "gate.opened":
      return [fact(`gate ${event.gate}`, { kind: event.kind, detail: event.detail.slice(0, maxDetailChars) })]
    case "gate.decided":
      return [fact(`decided ${event.gate}`, { decision: event.decision, by: event.by.name })]
    case "pull_request.opened":
      return [fact("pullRequest", event.url)]
    case "turn.ended":
      return [fact("doing", ""), ...(event.turn === null ? [] : [fact(`ended ${event.turn}`, event.outcome)])]
    default:
      return []
  }
}

/** What an agent is just saying, as a fact; the end of it, when it is long. */
export const liveFact = (text: string, after: EventId): Fact =>
  fact("live", { text: text.slice(-maxSaidChars), after })

/** The facts of all fields that are kept. */
export const readFacts = (kept: Readonly<Record<string, string>>): Facts => {
  const facts: Record<string, unknown> = {}
  const gates: Record<string, Record<string, unknown>> = {}
  const ended: Record<string, unknown> = {}
  const whole: Record<string, unknown> = {}
  // Opened before decided, whichever field comes first.
  for (const [field, json] of Object.entries(kept).toSorted(([a]) => (a.startsWith("decided ") ? 1 : -1))) {
    const [name = "", id] = field.split(" ")
    const value: unknown = JSON.parse(json)
    if (id === undefined) facts[name] = value
    else if (name === "gate") gates[id] = value as Record<string, unknown>
    else if (name === "ended") ended[id] = value
    else if (name === "whole") whole[id] = value
    else if (name === "decided" && gates[id] !== undefined) gates[id] = { ...gates[id], decided: value }
  }
  return Facts.parse({ ...facts, gates, ended, whole })
}

/** What an agent says just now, or said last: text that an event has ended since is in that event, and an older attempt's is nothing any more. */
export const sayingOf = ({ live, heard, said }: Facts): string => {
  const isLive =
    live !== undefined &&
    (heard === undefined || compareEventIds(live.after as EventId, heard as EventId) >= 0)
  return isLive ? live.text : (said?.text ?? "")
}
