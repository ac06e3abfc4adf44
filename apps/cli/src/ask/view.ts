import { clean } from "@twolane/common/clean"
import { type TaskDelta, type TaskEvent, tripLimit } from "@twolane/protocol"
import { diffPieces, withoutObjectNames } from "../show/diff.ts"
import { noProgress, type Piece, type Progress, showEvent } from "../show/progress.ts"
import { wrapped } from "../show/width.ts"
import { askedAt, type Timings, timed, timingWords } from "./timings.ts"

/** What is on the screen of `ask` below the lines that are printed for good. */
export type View = {
  readonly progress: Progress
  /** The row of the message that is being written. */
  readonly partial: string
  /** What a call that has not ended says: a patch as it is written, or the output of tests. It goes when its event has come. */
  readonly tail: Tail | null
  readonly timings: Timings
  /** How often a rule has tripped, by turn and rule. */
  readonly trips: Readonly<Record<string, number>>
}
type Tail = { call: string; text: string; kind: "patch" | "output" | "arguments" }

/** A view before the first event, of a turn that is asked for now. `live` shows running text. */
export const noView = (live: boolean, now: number): View => ({
  progress: noProgress("", live),
  partial: "",
  tail: null,
  timings: askedAt(now),
  trips: {},
})

/** A view of the next turn of the same task. */
export const nextView = (view: View, now: number): View => ({ ...view, tail: null, timings: askedAt(now) })

const maxTailChars = 8_000
const maxDiffLines = 200

/** When an event came, and how wide the screen is. */
export type Around = { now: number; columns: number }

/** Folds an event or a delta into the view; `lines` are to be printed for good, in order. */
export const viewEvent = (
  view: View,
  event: TaskEvent | TaskDelta,
  { now, columns }: Around,
): { view: View; lines: Piece[] } => {
  const timings = timed(view.timings, event, now)
  if (event.type === "tool.delta")
    return {
      view: { ...view, timings, tail: view.progress.live ? longer(view.tail, event) : null },
      lines: [],
    }
  const shown = showEvent({ ...view.progress, task: event.task }, event)
  const message = messageRows(view.partial, shown.pieces, columns)
  const ends = messageEnds.has(event.type)
  const trips = withTrip(view.trips, event)
  const lines = [...message.lines, ...(ends && message.partial !== "" ? [line(message.partial)] : [])]
  return {
    view: {
      progress: shown.progress,
      partial: ends ? "" : message.partial,
      tail: endsTail(event) ? null : startsOutput(view.tail, event),
      timings,
      trips,
    },
    lines: [...lines, ...aroundEvent(event, message.whole, { live: view.progress.live, timings, trips })],
  }
}

const line = (text: string, tone: Piece["tone"] = "plain"): Piece => ({ kind: "line", text, tone })

/** A row under way is printed with these; what else happens while a message is written is printed above it. */
const messageEnds: ReadonlySet<string> = new Set([
  "message.done",
  "tool.started",
  "patch.applied",
  "attempt.lost",
  "turn.ended",
])

/** Running text becomes rows as it fills them; whole lines stay as they are, after the row under way. */
const messageRows = (
  before: string,
  pieces: readonly Piece[],
  columns: number,
): { lines: Piece[]; partial: string; whole: Piece[] } => {
  const lines: Piece[] = []
  let partial = before
  for (const piece of pieces) {
    if (piece.kind === "line") continue
    const parts = `${partial}${piece.text}`.split("\n")
    partial = ""
    for (const [at, part] of parts.entries()) {
      const { rows, rest } = wrapped(part, columns)
      lines.push(...rows.map(row => line(row)))
      if (at === parts.length - 1) partial = rest
      else lines.push(line(rest))
    }
  }
  return { lines, partial, whole: pieces.filter(piece => piece.kind === "line") }
}

/** An event's own lines, with what `ask` adds: the diff of a patch, how to answer a question, the timings of a turn. */
const aroundEvent = (
  event: TaskEvent | Extract<TaskDelta, { type: "message.delta" }>,
  whole: readonly Piece[],
  { live, timings, trips }: { live: boolean } & Pick<View, "timings" | "trips">,
): Piece[] => {
  switch (event.type) {
    case "turn.queued":
      return event.lane === "fast" && event.again === undefined ? [] : [...whole]
    case "change.ready":
      return event.files === 0 ? [] : [...whole]
    case "patch.applied":
      return [...whole, ...diffPieces(withoutHeads(withoutObjectNames(event.diff)), maxDiffLines)]
    case "guardrail.tripped":
      return [...whole, line(`  ${afterTrip(event, trips)}`, "dim")]
    case "gate.opened":
      return live ? [...whole.slice(0, 1), line("  /allow · /deny [what to do instead]", "ask")] : [...whole]
    case "turn.ended":
      return [...whole, line(timingWords(timings), "strong")]
    default:
      return [...whole]
  }
}

/** A file's line and its `---` and `+++` say what git's own line would. */
const withoutHeads = (diff: string): string => diff.replace(/^diff --git .*\n/gm, "")

type Tripped = Extract<TaskEvent, { type: "guardrail.tripped" }>

const tripOf = ({ turn, rule }: Tripped): string => `${turn} ${rule}`

const withTrip = (trips: View["trips"], event: TaskEvent | TaskDelta): View["trips"] =>
  event.type === "guardrail.tripped" ? { ...trips, [tripOf(event)]: (trips[tripOf(event)] ?? 0) + 1 } : trips

/** What happens now. */
const afterTrip = (event: Tripped, trips: View["trips"]): string =>
  (event.verdict === "deny" || event.verdict === "steer") && (trips[tripOf(event)] ?? 0) >= tripLimit
    ? `the rule ${event.rule} has tripped ${tripLimit} times: the turn ends; what was applied before is kept`
    : verdictWords[event.verdict]

const verdictWords = {
  allow: "it goes on",
  deny: "it is refused; a prompt with a wider scope, or the repo's twolane.yaml, would allow it",
  steer: "the model is told, and tries again within the rule",
  ask: "a question follows",
  hand_off: "it goes to the deep lane",
} as const

const patchStart = "*** Begin Patch"

const longer = (tail: Tail | null, { call, text }: { call: string; text: string }): Tail => {
  const before = tail?.call === call ? tail : null
  const all = `${before?.text ?? ""}${clean(text)}`
  return { call, kind: kindOf(before, call, all), text: all.slice(-maxTailChars) }
}

/** Until a call has started, its text is what the model writes: a patch is worth watching, JSON is not. */
const kindOf = (before: Tail | null, call: string, text: string): Tail["kind"] => {
  if (before?.kind === "output" || call === "tests") return "output"
  if (before !== null && before.text.length >= patchStart.length) return before.kind
  return patchStart.startsWith(text.slice(0, patchStart.length)) ? "patch" : "arguments"
}

const startsOutput = (tail: Tail | null, event: TaskEvent | TaskDelta): Tail | null =>
  event.type === "tool.started" ? { call: event.call, text: "", kind: "output" } : tail

const tailEnds: ReadonlySet<string> = new Set([
  "message.delta",
  "message.done",
  "tool.ended",
  "tests.started",
  "tests.ended",
  "patch.applied",
  "guardrail.tripped",
  "gate.opened",
  "attempt.lost",
  "turn.started",
  "turn.ended",
])

const endsTail = ({ type }: TaskEvent | TaskDelta): boolean => tailEnds.has(type)
