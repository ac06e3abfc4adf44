import type { Lane, Outcome, TaskDelta, TaskEvent } from "@twolane/protocol"
import type { Key } from "./keys.ts"
import { edit, type Line, lineOf, noLine } from "./line.ts"
import { commandHelp, readWish, type Wish } from "./wish.ts"

/** What one `ask` at a terminal knows: the task, the turn that runs, and what is being typed. */
export type Session = {
  readonly task: string | null
  /** The last event seen. */
  readonly after: string | null
  /** A turn was asked for and has not ended, nor what it was handed to. */
  readonly busy: boolean
  /** The turn that runs; null before it is known, and when none does. */
  readonly turn: string | null
  readonly lane: Lane
  /** The question that waits for an answer. */
  readonly gate: string | null
  /** The last prompt, for a hand-off without words of its own. */
  readonly prompt: string
  /** The running turn was asked to stop. */
  readonly stopping: boolean
  /** Leave when the turn has ended. */
  readonly leaving: boolean
  /** How the last turn ended; null before its end. */
  readonly status: Outcome["status"] | null
  /** What was said to the turn before it had started. */
  readonly held: readonly string[]
  readonly line: Line
}

/** What happens to a session. `over`: the stream of a turn has ended, well or not. */
export type Input =
  | { type: "key"; key: Key }
  | { type: "event"; event: TaskEvent | TaskDelta }
  | { type: "over" }
  /** The task's log has been read so far. */
  | { type: "read"; after: string }
  /** A command was refused; `text` is what the person had typed for it. */
  | { type: "refused"; text: string }

/** What the session wants done. */
export type Effect =
  | { do: "ask"; prompt: string; lane: Lane }
  | { do: "hand_off"; task: string; prompt: string }
  | { do: "steer"; task: string; turn: string; prompt: string }
  | { do: "interrupt"; task: string | null }
  | { do: "decide"; task: string; gate: string; decision: "allow" | "deny"; note: string }
  | { do: "diff" | "undo" | "accept"; task: string }
  | { do: "say"; lines: readonly string[] }
  | { do: "leave" }

/** A session before its first prompt. */
export const noSession: Session = {
  task: null,
  after: null,
  busy: false,
  turn: null,
  lane: "fast",
  gate: null,
  prompt: "",
  stopping: false,
  leaving: false,
  status: null,
  held: [],
  line: noLine,
}

type Step = { session: Session; effects: readonly Effect[] }
const stay = (session: Session): Step => ({ session, effects: [] })
const say = (session: Session, ...lines: string[]): Step => ({ session, effects: [{ do: "say", lines }] })

/** Folds an input into the session. */
export const step = (session: Session, input: Input): Step => {
  switch (input.type) {
    case "key":
      return pressed(session, input.key)
    case "event":
      return "id" in input.event ? passedOn(told(session, input.event)) : stay(session)
    case "over": {
      const status = session.status ?? (session.stopping ? "canceled" : "failed")
      const ended = { ...session, busy: false, turn: null, gate: null, stopping: false, status, held: [] }
      const next = keepTyped(ended, session.held.join(" "))
      return session.leaving ? { session: next, effects: [{ do: "leave" }] } : stay(next)
    }
    case "read":
      return stay({ ...session, after: input.after })
    case "refused":
      return stay(keepTyped(session, input.text))
  }
}

/** What was typed and went nowhere is not lost, unless something else is being typed by now. */
const keepTyped = (session: Session, text: string): Session =>
  text !== "" && session.line.text === "" ? { ...session, line: lineOf(text) } : session

/** What was said to a turn before it had started goes to it once it has. */
const passedOn = (session: Session): Step => {
  const { task, turn, held } = session
  if (task === null || turn === null || held.length === 0) return stay(session)
  const effects = held.map(prompt => ({ do: "steer" as const, task, turn, prompt }))
  return { session: { ...session, held: [] }, effects }
}

/** Begins a turn with a prompt, as if it had been typed. */
export const begin = (session: Session, prompt: string, lane: Lane): Step => ({
  session: { ...session, busy: true, lane, prompt, status: null, line: noLine },
  effects: [{ do: "ask", prompt, lane }],
})

const told = (session: Session, event: TaskEvent): Session => {
  const known = { ...session, task: event.task, after: event.id }
  switch (event.type) {
    case "turn.started":
      return { ...known, turn: event.turn, lane: event.lane, gate: null }
    case "gate.opened":
      return { ...known, gate: event.gate }
    case "gate.decided":
      return { ...known, gate: null }
    case "turn.ended": {
      const { status } = event.outcome
      const lane = status === "handed_off" ? otherLane(known.lane) : known.lane
      return { ...known, turn: null, gate: null, stopping: false, lane, status }
    }
    default:
      return known
  }
}

const otherLane = (lane: Lane): Lane => (lane === "fast" ? "deep" : "fast")

const pressed = (session: Session, key: Key): Step => {
  switch (key.type) {
    case "enter":
      return sent(session, readWish(session.line.text))
    case "escape":
      return session.busy ? interrupted(session) : stay({ ...session, line: noLine })
    case "ctrl_c":
      return leave(session)
    case "ctrl_d":
      return session.busy || session.line.text !== "" ? stay(session) : leave(session)
    default:
      return stay({ ...session, line: edit(session.line, key) })
  }
}

const interrupted = (session: Session): Step =>
  session.stopping
    ? stay(session)
    : { session: { ...session, stopping: true }, effects: [{ do: "interrupt", task: session.task }] }

/** A fast turn is interrupted, and its end awaited; whoever asks twice does not wait. A deep one needs nobody to watch it. */
const leave = (session: Session): Step => {
  if (!session.busy || session.leaving || session.lane === "deep")
    return { session, effects: [{ do: "leave" }] }
  const { session: next, effects } = interrupted(session)
  return { session: { ...next, leaving: true }, effects }
}

const sent = (session: Session, wish: Wish): Step => {
  const clear = { ...session, line: noLine }
  const { task } = session
  switch (wish.type) {
    case "nothing":
      return stay(clear)
    case "prompt":
      return session.busy ? steered(session, wish.text) : begin(session, wish.text, "fast")
    case "deep":
      return handedOff(session, wish.text)
    case "allow":
    case "deny": {
      const { gate } = session
      if (task === null || gate === null) return say(session, "Nothing is asked.")
      const note = wish.type === "deny" ? wish.text : ""
      return { session: clear, effects: [{ do: "decide", task, gate, decision: wish.type, note }] }
    }
    case "diff":
    case "undo":
    case "accept":
      if (task === null) return say(session, "There is no task yet.")
      if (wish.type !== "diff" && session.busy) return say(session, "The turn still runs: Esc interrupts it.")
      return { session: clear, effects: [{ do: wish.type, task }] }
    case "help":
      return say(clear, ...commandHelp)
    case "quit":
      return leave(clear)
    case "unknown":
      return say(session, `There is no /${wish.name}: /help shows what there is.`)
  }
}

const steered = (session: Session, prompt: string): Step => {
  const { task, turn, gate } = session
  if (gate !== null) return say(session, "A question waits: /allow, or /deny with what to do instead.")
  if (task === null || turn === null) {
    const held = [...session.held, prompt]
    return say(
      { ...session, held, line: noLine },
      "The turn has not started yet: this goes to it once it has.",
    )
  }
  return { session: { ...session, line: noLine }, effects: [{ do: "steer", task, turn, prompt }] }
}

const handedOff = (session: Session, words: string): Step => {
  const prompt = words === "" ? session.prompt : words
  const { task, busy, lane } = session
  if (prompt === "") return say(session, "What is the deep lane to do? /deep <prompt>")
  if (!busy) return begin(session, prompt, "deep")
  if (lane === "deep") return say(session, "It is in the deep lane already.")
  if (task === null) return say(session, "The turn has not started yet: press Enter again in a moment.")
  const next = { ...session, prompt, stopping: true, line: noLine }
  return { session: next, effects: [{ do: "hand_off", task, prompt }] }
}
