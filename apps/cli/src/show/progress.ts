import { clean, oneLine } from "@twolane/common/clean"
import { duration, fileLine, outcomeWords, processWords, size, usageWords } from "@twolane/common/words"
import type { EventType, TaskDelta, TaskEvent } from "@twolane/protocol"
import { toolLabel } from "./tool-label.ts"

/** How a piece of progress is meant; a terminal may colour it. */
export type Tone = "plain" | "dim" | "good" | "bad" | "ask" | "strong" | "place"
/** A line, or (only where `live`) a piece of running text and what it is from. Both are safe to print. */
export type Piece = { text: string; tone: Tone } & ({ kind: "line" } | { kind: "text"; from: string })

/** What must be remembered between events. */
export type Progress = {
  /** Show running text. */
  live: boolean
  task: string
  /** What of the message under way has been shown. */
  streamed: string
  /** The calls under way: the arguments that the model has written so far, and then how much of the output was shown. */
  calls: Record<string, { draft: string } | { shown: number }>
}

/** Progress before the first event. */
export const noProgress = (task: string, live: boolean): Progress => ({
  live,
  task,
  streamed: "",
  calls: {},
})

const maxOutputLines = 30
const maxLiveChars = 8_000

const line = (text: string, tone: Tone = "plain"): Piece => ({ kind: "line", text, tone })
const indented = (text: string, tone: Tone): Piece[] => {
  const lines = clean(text).trimEnd().split("\n")
  const cut = lines.length - maxOutputLines
  const shown = cut > 0 ? [`… ${cut} lines before`, ...lines.slice(-maxOutputLines)] : lines
  return shown.filter(each => each !== "" || shown.length > 1).map(each => line(`    ${each}`, tone))
}

/** Folds one event or delta of a task into what is shown of it. */
export const showEvent = (
  progress: Progress,
  event: TaskEvent | TaskDelta,
): { progress: Progress; pieces: Piece[] } => {
  if (event.type === "message.delta" || event.type === "tool.delta") return showDelta(progress, event)
  // The table is keyed by `type`, so the entry found is the one for this event.
  const show = shows[event.type] as ((event: TaskEvent, progress: Progress) => Piece[]) | undefined
  const pieces = show?.(event, progress) ?? []
  return { progress: forget(progress, event), pieces }
}

type Delta = Extract<TaskDelta, { type: "message.delta" | "tool.delta" }>

const showDelta = (progress: Progress, delta: Delta): { progress: Progress; pieces: Piece[] } => {
  if (!progress.live) return { progress, pieces: [] }
  const text = clean(delta.text)
  if (delta.type === "message.delta") {
    const piece: Piece = { kind: "text", text, tone: "plain", from: "message" }
    return { progress: { ...progress, streamed: progress.streamed + text }, pieces: [piece] }
  }
  const { state, shown } = callText(progress.calls[delta.call] ?? firstOf(delta.call), text)
  const pieces: Piece[] = shown === "" ? [] : [{ kind: "text", text: shown, tone: "dim", from: delta.call }]
  return { progress: { ...progress, calls: { ...progress.calls, [delta.call]: state } }, pieces }
}

type CallState = Progress["calls"][string]

/** Test runs are no calls of the model's: their text is output from the start. */
const firstOf = (call: string): CallState => (call === "tests" ? { shown: 0 } : { draft: "" })

/**
 * What to show of a call's text. Before the call has started it is the arguments that the model writes: a patch is worth watching,
 * JSON is not. Then it is output, up to a limit.
 */
const callText = (state: CallState, text: string): { state: CallState; shown: string } => {
  if ("shown" in state) {
    const shown = text.slice(0, Math.max(0, maxLiveChars - state.shown))
    return { state: { shown: state.shown + shown.length }, shown }
  }
  const draft = state.draft + text
  if (draft.length < patchStart.length || !draft.startsWith(patchStart))
    return { state: { draft }, shown: "" }
  return { state: { draft }, shown: state.draft.length < patchStart.length ? draft : text }
}

const patchStart = "*** Begin Patch"

const forget = (progress: Progress, event: TaskEvent): Progress => {
  switch (event.type) {
    case "tool.started":
      return { ...progress, calls: { ...progress.calls, [event.call]: { shown: 0 } } }
    case "tool.ended":
      return { ...progress, calls: without(progress.calls, event.call) }
    case "tests.ended":
      return { ...progress, calls: without(progress.calls, "tests") }
    case "message.done":
      return { ...progress, streamed: "" }
    case "turn.ended":
    case "attempt.lost":
      return { ...progress, streamed: "", calls: {} }
    default:
      return progress
  }
}

const without = <Value>(record: Record<string, Value>, name: string): Record<string, Value> => {
  const { [name]: _left, ...rest } = record
  return rest
}

type EventOf<Type extends EventType> = Extract<TaskEvent, { type: Type }>
type Shows = { [Type in EventType]?: (event: EventOf<Type>, progress: Progress) => Piece[] }

const filesOf = (event: EventOf<"patch.applied"> | EventOf<"checkpoint.saved">): Piece[] =>
  event.files.map(file => line(`  ${fileLine(file)}`, "strong"))

const shows: Shows = {
  "task.created": event => [
    line(`${event.task} in ${oneLine(event.repo)}: ${oneLine(event.title)}`, "strong"),
  ],
  "turn.queued": ({ lane, position, reason, again }) => {
    const place = position === null || position === 0 ? "" : `, position ${position}`
    return [
      line(
        `queued${again === undefined ? "" : ` again (${again.why})`} for the ${lane} lane${place}: ${oneLine(reason)}`,
        "dim",
      ),
    ]
  },
  "turn.started": ({ worker, model, simulated }) => [
    line(
      `started on ${oneLine(worker)} with ${simulated === true ? "the SIMULATED model" : oneLine(model)}`,
      "dim",
    ),
  ],
  "attempt.lost": ({ lost, reason }) => [line(`attempt ${lost} was lost: ${oneLine(reason)}`, "bad")],
  "workspace.ready": ({ from, setup, durationMs }) => [
    line(`workspace at ${from.slice(0, 10)} (setup ${setup}, ${duration(durationMs)})`, "dim"),
  ],
  "message.done": ({ text }, { streamed }) => messageEnd(clean(text), streamed),
  "plan.updated": ({ plan }) =>
    plan.map(({ step, status }) =>
      line(`  [${{ pending: " ", in_progress: ">", completed: "x" }[status]}] ${oneLine(step)}`),
    ),
  "context.shortened": ({ beforeTokens, afterTokens }) => [
    line(`context shortened from ${beforeTokens} to ${afterTokens} tokens`, "dim"),
  ],
  "tool.started": ({ tool, input }) =>
    tool === "apply_patch" || tool === "update_plan" ? [] : [line(toolLabel(tool, input), "strong")],
  "tool.ended": (event, { calls }) => toolEnd(event, wasShown(calls[event.call])),
  "patch.applied": filesOf,
  "checkpoint.saved": filesOf,
  "checkpoint.undone": ({ by, whole }) => [
    line(`undone by ${oneLine(by.name)}: ${whole.files === 0 ? "no change is left" : size(whole)}`, "strong"),
  ],
  "guardrail.tripped": ({ rule, stage, verdict, detail, path }) => [
    line(
      `guardrail ${rule} (${stage}): ${verdict}: ${oneLine(detail, 300)}${path === undefined ? "" : ` [${oneLine(path)}]`}`,
      "bad",
    ),
  ],
  "tests.started": ({ command }) => [line(`tests: ${oneLine(command, 200)}`, "strong")],
  "tests.ended": (event, { calls }) => testsEnd(event, wasShown(calls.tests)),
  "steer.accepted": ({ prompt }) => [line(`steering: ${oneLine(prompt)}`, "dim")],
  "model.waiting": ({ detail, atMostMs }) => [
    line(`waits for the model, ${duration(atMostMs)} at most: ${oneLine(detail, 300)}`, "dim"),
  ],
  "steer.applied": () => [line("the steering note was taken up", "dim")],
  "steer.rejected": ({ reason }) => [line(`the steering note was not taken up: ${oneLine(reason)}`, "bad")],
  "cancel.requested": ({ by, reason }) => [
    line(
      `cancel asked for by ${oneLine(by.name)}${reason === undefined ? "" : `: ${oneLine(reason)}`}`,
      "dim",
    ),
  ],
  "cancel.confirmed": ({ ms, killed, proof }) => [
    line(
      `nothing runs any more, after ${duration(ms)} (${processWords(killed)} ended, proof: ${proof})`,
      "dim",
    ),
  ],
  "gate.opened": ({ task, gate, kind, detail }) => [
    line(`asks (${kind}): ${oneLine(detail, 1_000)}`, "ask"),
    line(`  twolane gates allow ${task} ${gate}`, "ask"),
    line(`  twolane gates deny ${task} ${gate} --note "…"`, "ask"),
  ],
  "gate.decided": ({ decision, by, note }) => [
    line(
      `${decision === "closed" ? "question closed" : `${decision} by ${oneLine(by.name)}`}${note === undefined ? "" : `: ${oneLine(note)}`}`,
      "dim",
    ),
  ],
  "budget.warning": ({ which, used, limit, skipped }) => [
    skipped === undefined
      ? line(`budget: ${used} of ${limit} ${which} used`, "bad")
      : line(`budget: the limit of ${limit} for ${which} is not kept: ${oneLine(skipped)}`, "dim"),
  ],
  "handoff.created": ({ from, to }) => [
    line(`handed from the ${from.lane} lane to the ${to.lane} lane`, "dim"),
  ],
  "change.ready": event => [line(`change on ${event.branch}: ${size(event)}`, "strong")],
  "branch.pushed": ({ branch, head }) => [line(`pushed ${branch} at ${head.slice(0, 10)}`, "good")],
  "pull_request.opened": ({ url }) => [line(`pull request: ${oneLine(url)}`, "good")],
  "turn.ended": ({ outcome, usage }) => [
    line(
      outcomeWords(outcome),
      outcome.status === "succeeded" ? "good" : outcome.status === "handed_off" ? "plain" : "bad",
    ),
    line(usageWords(usage), "dim"),
  ],
  "task.reviewed": ({ decision, by }) => [line(`${decision} by ${oneLine(by.name)}`, "good")],
}

/** What is left to show of a message: all of it, or what its deltas did not bring. */
const messageEnd = (text: string, streamed: string): Piece[] => {
  if (streamed === "") return text.trim() === "" ? [] : [line(text.trimEnd())]
  const rest: Piece[] = text.startsWith(streamed)
    ? [{ kind: "text", text: text.slice(streamed.length), tone: "plain", from: "message" }]
    : [line(""), line(text.trimEnd())]
  return rest.filter(piece => piece.kind === "line" || piece.text !== "")
}

const callNames: Record<string, string> = { shell: "command", apply_patch: "patch", update_plan: "plan" }

const toolEnd = (
  { ok, exitCode, output, durationMs, tool }: EventOf<"tool.ended">,
  shown: boolean,
): Piece[] => {
  if (ok && tool !== "shell") return []
  const code = exitCode == null ? "" : ` (exit code ${exitCode})`
  // Not every call was told when it began, and a lost worker's ends among the next one's.
  const words = ok ? "done" : `${callNames[tool] ?? oneLine(tool)} failed`
  const head = line(`  ${words}${code} after ${duration(durationMs)}`, ok ? "dim" : "bad")
  return ok || shown ? [head] : [head, ...indented(output, "dim")]
}

/** Whether a call's output has been seen live, so that it need not be shown again. */
const wasShown = (state: CallState | undefined): boolean =>
  state !== undefined && "shown" in state && state.shown > 0

const testsEnd = (event: EventOf<"tests.ended">, shown: boolean): Piece[] => {
  const { status, superseded, passed, failed, failedAtBase, durationMs, output } = event
  if (superseded === true)
    return [line(`  tests stopped by a steering note (${duration(durationMs)})`, "dim")]
  const counts = [
    ...(passed === undefined ? [] : [`${passed} passed`]),
    ...(failed === undefined ? [] : [`${failed} failed`]),
    ...(failedAtBase === undefined || failedAtBase === 0
      ? []
      : [`${failedAtBase} of them fail at the base too`]),
  ].join(", ")
  const words =
    status === "none_selected"
      ? "no tests were selected: nothing is proven"
      : `tests ${status.replace("_", " ")}`
  const head = `  ${words}${counts === "" ? "" : `: ${counts}`} (${duration(durationMs)})`
  if (status === "passed") return [line(head, "good")]
  if (status === "none_selected") return [line(head, "dim")]
  return [line(head, "bad"), ...(shown ? [] : indented(output, "dim"))]
}
