import { gateKindOf, type Trip } from "@twolane/common/guardrails/trip"
import { makeStriker } from "@twolane/common/strike-secrets"
import type { NewEvent } from "@twolane/protocol"
import type { ToolCall } from "../items.ts"
import { askedOf, gravest, inWords, isHandOff } from "../judge.ts"
import { saveTree } from "../loop/save.ts"
import { isPlanning, type LoopEnd, stamp, type Turn, tripEvents } from "../loop/turn.ts"
import { type ParsedCall, parseCall } from "./arguments.ts"
import { clip } from "./clip.ts"
import { isReading } from "./specs.ts"

/** What one call came to: the model's answer, the events that tell of it, or a reason to leave the loop. */
export type CallResult = {
  ok: boolean
  output: string
  truncated: boolean
  exitCode?: number | null
  /** Facts between `tool.started` and `tool.ended`. */
  events: NewEvent[]
  trips: Trip[]
  /** The call waits for a person: it has no result yet, and is run again once it is allowed. */
  gate?: Extract<LoopEnd, { end: "gate" }>
}

/** The longest command timeout: below the time after which a silent turn counts as stalled. */
const maxCommandMs = 540_000
const defaultCommandMs = 120_000

/** Runs one call. `allowed`: a person has said yes to exactly this call, so the judges that ask are not asked again. */
export const runCall = async (turn: Turn, call: ToolCall, allowed: boolean): Promise<CallResult> => {
  const parsed = parseCall(call)
  if ("wrong" in parsed) return said(false, parsed.wrong)
  if (isPlanning(turn) && !isReading(parsed.name) && parsed.name !== "update_plan")
    return said(
      false,
      "Nothing may be run or changed until a person has allowed the plan. State the plan and stop.",
    )
  switch (parsed.name) {
    case "read_file":
      return read(turn, parsed.args)
    case "list_files":
      return list(turn, parsed.args)
    case "search":
      return find(turn, parsed.args)
    case "update_plan":
      return updatePlan(turn, parsed.args)
    case "apply_patch":
      return patch(turn, call, parsed.args.input, allowed)
    case "shell":
      return shell(turn, call, parsed.args, allowed)
    default:
      return parsed satisfies never
  }
}

type Args<Name extends ParsedCall["name"]> = Extract<ParsedCall, { name: Name }>["args"]

const said = (ok: boolean, text: string, events: NewEvent[] = []): CallResult => {
  const { output, truncated } = clip(text)
  return { ok, output, truncated, events, trips: [] }
}

const read = async (turn: Turn, args: Args<"read_file">): Promise<CallResult> => {
  const range = {
    ...(args.offset ? { offset: args.offset } : {}),
    ...(args.limit ? { limit: args.limit } : {}),
  }
  const result = await turn.ports.workspace.read(args.path, range, turn.signal)
  if (!result.ok) return said(false, result.reason)
  const note = result.truncated ? `\n[The file has ${result.lines} lines; read on with offset.]` : ""
  return said(true, result.text + note)
}

const list = async (turn: Turn, args: Args<"list_files">): Promise<CallResult> => {
  const { paths, truncated } = await turn.ports.workspace.list(args.glob, turn.signal)
  if (paths.length === 0) return said(true, "No file matches.")
  return said(true, paths.join("\n") + (truncated ? "\n[There are more; use a narrower glob.]" : ""))
}

const find = async (turn: Turn, args: Args<"search">): Promise<CallResult> => {
  const request = { pattern: args.pattern, ...(args.glob ? { glob: args.glob } : {}) }
  const found = await turn.ports.workspace.search(request, turn.signal)
  if ("reason" in found) return said(false, found.reason)
  if (found.lines.length === 0) return said(true, "No line matches.")
  return said(
    true,
    found.lines.join("\n") + (found.truncated ? "\n[There are more; narrow the search.]" : ""),
  )
}

const updatePlan = async (turn: Turn, args: Args<"update_plan">): Promise<CallResult> => {
  const { plan, explanation } = args
  const event = stamp(turn, { type: "plan.updated" as const, plan, ...(explanation ? { explanation } : {}) })
  return said(true, "The plan is noted.", [event])
}

const patch = async (turn: Turn, call: ToolCall, input: string, allowed: boolean): Promise<CallResult> => {
  const trips = await turn.ports.judge.patch(input, turn.signal)
  const blocked = blockedBy(turn, call, trips, allowed, input)
  if (blocked !== null) return blocked
  const result = await turn.ports.workspace.applyPatch(input, turn.signal)
  if (!result.ok) return said(false, `The patch was not applied, and no file was changed: ${result.reason}`)
  const { files, events, trips: unsaved } = await saveTree(turn, "patch.applied")
  const shown = (files ?? []).map(file => `${file.change} ${file.path} (+${file.added} -${file.removed})`)
  const text = files === null ? "The patch was applied; it changes nothing." : `Applied:\n${shown.join("\n")}`
  return { ...said(true, text + warning(unsaved), events), trips: unsaved }
}

const shell = async (
  turn: Turn,
  call: ToolCall,
  args: Args<"shell">,
  allowed: boolean,
): Promise<CallResult> => {
  const blocked = blockedBy(turn, call, turn.ports.judge.command(args.command), allowed, args.command)
  if (blocked !== null) return blocked
  const { workspace, journal } = turn.ports
  const timeoutMs = Math.min(args.timeout_ms ?? defaultCommandMs, maxCommandMs)
  const shown = makeStriker(text => journal.delta({ type: "tool.delta", call: call.call, text }))
  const request = {
    command: args.command,
    timeoutMs,
    onOutput: shown.put,
    ...(args.workdir ? { workdir: args.workdir } : {}),
  }
  const result = await workspace.run(request, turn.signal)
  shown.end()
  const { events, trips } = await saveTree(turn, "checkpoint.saved")
  const head =
    result.ended === "exited" ? `exit code ${result.exitCode}` : endedInWords(result.ended, timeoutMs)
  const { output, truncated } = clip(`${head}\n${result.output}${warning(trips)}`)
  const ok = result.exitCode === 0
  return {
    ok,
    output,
    truncated: truncated || result.truncated,
    exitCode: result.exitCode,
    events,
    trips,
  }
}

/** What of the tree is no part of the change, however much the model relies on it. */
const warning = (trips: readonly Trip[]): string =>
  trips.length === 0 ? "" : `\n[These can't be part of a change and were left out:]\n${inWords(trips)}`

const endedInWords = (ended: "timed_out" | "memory" | "killed" | "refused", timeoutMs: number): string => {
  switch (ended) {
    case "timed_out":
      return `ended after its time limit of ${timeoutMs} ms`
    case "memory":
      return "ended for using too much memory, disk or too many processes"
    case "killed":
      return "was killed"
    case "refused":
      return "was refused"
    default:
      return ended satisfies never
  }
}

/** Refused by a guardrail (told to the model), or waiting for a person; null when the call may run. */
const blockedBy = (
  turn: Turn,
  call: ToolCall,
  trips: Trip[],
  allowed: boolean,
  shown: string,
): CallResult | null => {
  const verdict = gravest(trips)
  if (verdict === null || (verdict === "ask" && allowed)) return null
  const events = tripEvents(turn, trips)
  if (verdict !== "ask") {
    const output = `Refused by the repository's guardrails; nothing was changed.\n${inWords(trips)}`
    return { ok: false, output, truncated: false, events, trips }
  }
  const kind = gateKindOf(trips)
  const detail = `${inWords(trips)}\n\n${clip(shown, 8_000).output}`
  const handOff = isHandOff(trips) ? { handOff: true as const } : {}
  const subject = { call: call.call, asked: askedOf(trips) }
  const gate = { end: "gate" as const, kind, detail, subject, ...handOff }
  return { ok: false, output: "", truncated: false, events, trips, gate }
}
