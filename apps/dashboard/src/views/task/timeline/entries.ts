import type { Actor, EventBody, FileChange, Lane, Outcome, TestStatus, Usage } from "@twolane/protocol"

type EventOf<Type extends EventBody["type"]> = Extract<EventBody, { type: Type }>

/** What is the same for all entries: a key that stays, and when it began (epoch ms). */
type Of<Kind extends string, More> = { kind: Kind; key: string; at: number; turn: string | null } & More

/** One thing that happened, as a reader of the conversation sees it; several events may tell of one. */
export type Entry =
  | Of<"prompt", { lane: Lane; prompt: string; by: Actor }>
  | Of<"message", { text: string; live: boolean }>
  | Of<"tool", Tool>
  | Of<"plan", { explanation?: string | undefined; steps: EventOf<"plan.updated">["plan"] }>
  | Of<"patch", { how: "patch" | "saved"; files: FileChange[]; diff: string; checkpoint: string }>
  | Of<"trip", Omit<EventOf<"guardrail.tripped">, "type">>
  | Of<"tests", Tests>
  | Of<
      "steer",
      {
        steer: string
        prompt: string
        by?: Actor | undefined
        answer: "open" | "applied" | "rejected"
        reason?: string
      }
    >
  | Of<"cancel", Cancel>
  | Of<"gate", Gate>
  | Of<"handoff", Omit<EventOf<"handoff.created">, "type">>
  | Of<"note", { text: string; tone: "plain" | "warn" }>
  | Of<"link", { text: string; url: string }>
  | Of<"ended", { outcome: Outcome; usage: Usage }>

/** A call of a tool, with its output as it comes. */
export type Tool = {
  call: string
  tool: string
  input: unknown
  output: string
  /** A person is asked whether it may be done. */
  asked?: true
  /** Absent while it runs. */
  end?: { ok: boolean; exitCode?: number | null | undefined; truncated: boolean; durationMs: number }
}

/** A run of the tests; `status` is absent while they run. */
export type Tests = {
  command: string
  files: readonly string[]
  output: string
  status?: TestStatus
  superseded?: true | undefined
  passed?: number | undefined
  failed?: number | undefined
  failedAtBase?: number | undefined
  durationMs?: number | undefined
}

/** A cancel: asked for, then proven. */
export type Cancel = {
  by: Actor
  scope: "turn" | "task"
  /** The turn ends so that the other lane goes on with it. */
  handOff?: true | undefined
  reason?: string | undefined
  proven?: { ms: number; killed: number; proof: EventOf<"cancel.confirmed">["proof"] }
}

/** A question, and what was answered. */
export type Gate = {
  gate: string
  asks: EventOf<"gate.opened">["kind"]
  detail: string
  decided?: { decision: EventOf<"gate.decided">["decision"]; by: Actor; note?: string | undefined }
}
