import type { TaskEvent } from "./events.ts"
import type { HandoffPacket } from "./handoff.ts"
import type { TaskState } from "./state.ts"
import type { Outcome } from "./terms.ts"

/** The most of each part that a packet carries; what is over is named in `missing`. */
const most = {
  diffChars: 60_000,
  outputChars: 8_000,
  resultChars: 1_000,
  entries: 40,
  promptChars: 2_000,
} as const

type Tried = HandoffPacket["tried"][number]

/**
 * What goes with a task to the other lane, read off its state and its whole log, oldest first. Pure. The work itself travels as the
 * checkpoint; `diff` tells what it changed, patch by patch.
 */
export const packetOf = (state: TaskState, events: readonly TaskEvent[]): HandoffPacket => {
  const missing: string[] = []
  const own = sinceRestart(events)
  const { base, checkpoint, gates } = state
  if (checkpoint?.portable === false)
    missing.push("the checkpoint is too large to travel: only the worker that made it can go on from it")
  return {
    base,
    checkpoint: checkpoint?.sha ?? null,
    diff: diffOf(own, missing),
    filesRead: lastOf(filesRead(events), "files read", missing),
    tried: lastOf(triedIn(own), "attempts", missing),
    tests: testsOf(own),
    trips: lastOf(
      events.flatMap(event =>
        event.type === "guardrail.tripped"
          ? [
              {
                rule: event.rule,
                detail: event.path === undefined ? event.detail : `${event.path}: ${event.detail}`,
              },
            ]
          : [],
      ),
      "guardrail trips",
      missing,
    ),
    steering: lastOf(
      events.flatMap(event => (event.type === "steer.accepted" ? [cut(event.prompt, most.promptChars)] : [])),
      "steering notes",
      missing,
    ),
    openQuestions: [...gates.map(({ detail }) => cut(detail, most.promptChars)), ...askedLast(events)],
    missing,
  }
}

/** The log since the last turn that began again from the base: what was before it is not in the tree any more. */
export const sinceRestart = (events: readonly TaskEvent[]): readonly TaskEvent[] => {
  const restarted = new Set(
    events.flatMap(event => (event.type === "turn.queued" && event.from === "base" ? [event.turn] : [])),
  )
  const at = events.findLastIndex(
    (event, n) =>
      event.type === "turn.started" &&
      restarted.has(event.turn) &&
      events.findIndex(first => first.type === "turn.started" && first.turn === event.turn) === n,
  )
  return at < 0 ? events : events.slice(at)
}

const diffOf = (events: readonly TaskEvent[], missing: string[]): string => {
  const diff = events
    .flatMap(event =>
      event.type === "patch.applied" ||
      event.type === "checkpoint.saved" ||
      event.type === "checkpoint.undone"
        ? [event.diff]
        : [],
    )
    .join("")
  if (diff.length <= most.diffChars) return diff
  missing.push(`the diff beyond ${most.diffChars} characters; the checkpoint has the whole change`)
  return diff.slice(0, most.diffChars)
}

const filesRead = (events: readonly TaskEvent[]): string[] => [
  ...new Set(
    events.flatMap(event => {
      if (event.type !== "tool.started" || event.tool !== "read_file") return []
      const { input } = event
      const path = typeof input === "object" && input !== null && "path" in input ? input.path : null
      return typeof path === "string" ? [path] : []
    }),
  ),
]

/** What was tried, each with how it went: patches with the tests that followed, refused patches, commands that failed, ended turns. */
const triedIn = (events: readonly TaskEvent[]): Tried[] => {
  const tried: Tried[] = []
  const inputs = new Map<string, unknown>()
  const prompts = new Map<string | null, string>()
  let patch: Tried | null = null
  for (const event of events) {
    if (event.type === "turn.queued") prompts.set(event.turn, event.prompt)
    if (event.type === "tool.started") inputs.set(event.call, event.input)
    if (event.type === "patch.applied") {
      const files = event.files.map(({ path, added, removed }) => `${path} (+${added} -${removed})`)
      patch = { what: `patched ${files.join(", ")}`, result: "applied, not tested" }
      tried.push(patch)
    }
    if (event.type === "tests.ended" && patch !== null) {
      const count = event.failed === undefined ? "" : `, ${event.failed} failing`
      patch.result =
        event.superseded === true
          ? "applied; a steering note stopped its tests"
          : `tests ${event.status}${count}`
    }
    if (event.type === "tool.ended" && !event.ok)
      tried.push({
        what: callInWords(event.tool, inputs.get(event.call)),
        result: cut(event.output, most.resultChars),
      })
    if (event.type === "checkpoint.undone")
      tried.push({ what: "the last change", result: `undone by ${event.by.name}` })
    if (event.type === "turn.ended") {
      tried.push({
        what: cut(prompts.get(event.turn) ?? "a turn", most.resultChars),
        result: outcomeInWords(event.outcome),
      })
      patch = null
    }
  }
  return tried
}

const callInWords = (tool: string, input: unknown): string => {
  if (typeof input === "object" && input !== null && "command" in input && typeof input.command === "string")
    return `${tool}: ${cut(input.command, most.resultChars)}`
  return typeof input === "string" ? `${tool}:\n${cut(input, most.resultChars)}` : tool
}

const outcomeInWords = (outcome: Outcome): string => {
  const which =
    outcome.status === "failed"
      ? ` (${outcome.code})`
      : outcome.status === "limited"
        ? ` (${outcome.which})`
        : ""
  return `${outcome.status}${which}${outcome.detail === undefined ? "" : `: ${cut(outcome.detail, most.resultChars)}`}`
}

const testsOf = (events: readonly TaskEvent[]): HandoffPacket["tests"] => {
  const last = events.filter(event => event.type === "tests.ended").findLast(({ superseded }) => !superseded)
  if (last === undefined) return null
  // What a run says last is what matters most.
  return { status: last.status, command: last.command, output: last.output.slice(-most.outputChars) }
}

/** The last thing that the agent said, when it is a question that nobody has answered. */
const askedLast = (events: readonly TaskEvent[]): string[] => {
  const last = events.findLast(event => event.type === "message.done" || event.type === "turn.queued")
  return last?.type === "message.done" && last.text.trimEnd().endsWith("?")
    ? [cut(last.text, most.promptChars)]
    : []
}

const lastOf = <Entry>(entries: readonly Entry[], what: string, missing: string[]): Entry[] => {
  if (entries.length > most.entries) missing.push(`${entries.length - most.entries} earlier ${what}`)
  return entries.slice(-most.entries)
}

const cut = (text: string, chars: number): string => {
  if (text.length <= chars) return text
  const end = /[\ud800-\udbff]/.test(text.charAt(chars - 1)) ? chars - 1 : chars
  return `${text.slice(0, end)}…`
}
