import { size } from "@twolane/common/words"
import type { TaskEvent, TaskState } from "@twolane/protocol"
import { fenced, inline } from "./markdown.ts"

/** Between these stands the receipt, in the text of a pull request. */
export const receiptStart = "<!-- twolane:receipt -->"
export const receiptEnd = "<!-- /twolane:receipt -->"

const mostPromptChars = 4_000
const mostLines = 20

/** What a pull request says of how its change came about: for whoever reviews it. `acceptedBy` is who had it opened, if a person did. */
export const receiptOf = (
  state: TaskState,
  log: readonly TaskEvent[],
  { head, acceptedBy }: { head: string; acceptedBy?: string | undefined },
): string => {
  const { base, usage, tests, change } = state
  const cost = usage.costUsd === null ? "not known (no price is set)" : `${usage.costUsd.toFixed(4)} USD`
  const rows: [string, string][] = [
    ["Task", inline(state.id)],
    ["Asked by", inline(state.by.name)],
    ["Base", inline(base ?? "unknown")],
    ["Commit", inline(head)],
    ["Change", change === undefined ? "" : size(change)],
    ["Tests", testsOf(tests)],
    ["Model", modelsOf(log).join(", ") || "none"],
    ["Tokens", `${usage.inputTokens} in (${usage.cachedTokens} cached), ${usage.outputTokens} out`],
    ["Cost", cost],
  ]
  return [
    ...promptsOf(state),
    "",
    "| | |",
    "| --- | --- |",
    ...rows.filter(([, value]) => value !== "").map(([name, value]) => `| ${name} | ${value} |`),
    "",
    ...listed("Guardrails", "none tripped", guardrailsOf(log)),
    ...listed("Approvals", "none were asked for", approvalsOf(state, log, acceptedBy)),
  ].join("\n")
}

/** In a fence, so that nothing in it mentions anybody, closes an issue or becomes a picture. */
const promptsOf = ({ turns }: TaskState): string[] => [
  ...turns.slice(0, 5).flatMap(({ prompt }) => [fenced(prompt, mostPromptChars)]),
  ...(turns.length > 5 ? [`and ${turns.length - 5} more turns.`] : []),
]

const testsOf = (tests: TaskState["tests"]): string => {
  if (tests === undefined) return "none ran"
  const before = tests.failedAtBase === undefined ? "" : ` (${tests.failedAtBase} failed on the base already)`
  return `${tests.status.replaceAll("_", " ")}${before}`
}

const modelsOf = (log: readonly TaskEvent[]): string[] => [
  ...new Set(log.flatMap(event => (event.type === "usage.reported" ? [inline(event.model)] : []))),
]

const guardrailsOf = (log: readonly TaskEvent[]): string[] => [
  ...new Set(
    log.flatMap(event =>
      event.type === "guardrail.tripped"
        ? [
            `${inline(event.rule)}: ${event.verdict.replace("_", " ")}${event.path === undefined ? "" : `, ${inline(event.path)}`}`,
          ]
        : [],
    ),
  ),
]

const approvalsOf = (
  state: TaskState,
  log: readonly TaskEvent[],
  acceptedBy: string | undefined,
): string[] => {
  const kinds = new Map(
    log.flatMap(event => (event.type === "gate.opened" ? [[event.gate, event.kind]] : [])),
  )
  const decided = log.flatMap(event =>
    event.type === "gate.decided" && event.decision !== "closed"
      ? [`${kinds.get(event.gate) ?? "gate"}: ${event.decision} by ${inline(event.by.name)}`]
      : [],
  )
  const published = state.turns.filter(({ options }) => options.publish === "pull_request")
  const asked = published.map(({ by }) => by.name).at(-1)
  return [
    ...decided,
    ...(acceptedBy === undefined ? [] : [`accepted by ${inline(acceptedBy)}`]),
    ...(acceptedBy !== undefined || asked === undefined
      ? []
      : [`opened without a review, as ${inline(asked)} asked for`]),
  ]
}

const listed = (title: string, none: string, lines: readonly string[]): string[] => [
  `**${title}**: ${lines.length === 0 ? none : ""}`,
  ...(lines.length === 0 ? [""] : ["", ...lines.slice(0, mostLines).map(line => `- ${line}`)]),
  ...(lines.length > mostLines ? [`- and ${lines.length - mostLines} more`] : []),
  ...(lines.length === 0 ? [] : [""]),
]
