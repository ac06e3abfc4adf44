import { GateKind, Outcome, type TaskEvent } from "@twolane/protocol"
import { z } from "zod"

/** What a task's messages say beside its state: kept with its conversation, one field each, the newest value of each. */
export const Facts = z.object({
  /** What its agent said last. */
  said: z.object({ text: z.string(), turn: z.string().nullable() }).optional(),
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

const maxSaidChars = 6_000
const maxDetailChars = 20_000

const fact = (field: string, value: unknown): Fact => ({ field, json: JSON.stringify(value) })

/** What an event adds to the facts. */
export const factsIn = (event: TaskEvent): Fact[] => {
  switch (event.type) {
    case "message.done":
      return [fact("said", { text: event.text.slice(-maxSaidChars), turn: event.turn })]
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

/** The facts of all fields that are kept. */
export const readFacts = (kept: Readonly<Record<string, string>>): Facts => {
  const facts: Record<string, unknown> = {}
  const gates: Record<string, Record<string, unknown>> = {}
  const ended: Record<string, unknown> = {}
  // Opened before decided, whichever field comes first.
  for (const [field, json] of Object.entries(kept).toSorted(([a]) => (a.startsWith("decided ") ? 1 : -1))) {
    const [name = "", id] = field.split(" ")
    const value: unknown = JSON.parse(json)
    if (id === undefined) facts[name] = value
    else if (name === "gate") gates[id] = value as Record<string, unknown>
    else if (name === "ended") ended[id] = value
    else if (name === "decided" && gates[id] !== undefined) gates[id] = { ...gates[id], decided: value }
  }
  return Facts.parse({ ...facts, gates, ended })
}
