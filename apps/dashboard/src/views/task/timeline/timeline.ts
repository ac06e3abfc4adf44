import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import { begunBy } from "./begun.ts"
import type { Entry } from "./entries.ts"
import { cutOff, goneOn, waitingForIt } from "./gone-on.ts"

/** A task's conversation: entries in their order. A changed entry is a new object, so that only its view renders again. */
export type Timeline = { readonly entries: readonly Entry[] }

/** Nothing has been said. */
export const emptyTimeline: Timeline = { entries: [] }

/** Live text past this is cut at its front until the event that ends it brings the whole. */
const maxLiveText = 200_000
/** What goes on is near the end: no more entries than these are looked through for it. */
const nearest = 500

/** Folds what came on, in its order. Pure. */
export const foldTimeline = (timeline: Timeline, news: readonly (TaskEvent | TaskDelta)[]): Timeline => {
  const entries = [...timeline.entries]
  for (const one of news) {
    if (one.type === "message.delta" || one.type === "tool.delta") addDelta(entries, one)
    else addEvent(entries, one)
  }
  return { entries }
}

const addEvent = (entries: Entry[], event: TaskEvent): void => {
  if (event.type === "turn.ended" || event.type === "attempt.lost")
    for (const [index, entry] of entries.entries()) entries[index] = cutOff(entry, event.at)
  if (event.type === "gate.opened") change(entries, entry => waitingForIt(entry, event))
  if (change(entries, entry => goneOn(entry, event))) return
  const begun = begunBy(event)
  if (begun === null) return
  // A plan is said, and then asked about with the same words.
  const last = entries.at(-1)
  if (begun.kind === "gate" && last?.kind === "message" && last.text === begun.detail) entries.pop()
  insert(entries, begun)
}

/** Adds an entry at the end, but before the prompts of further turns, which wait for this one's end. */
const insert = (entries: Entry[], entry: Entry): void => {
  let at = entries.length
  if (entry.turn !== null && entry.kind !== "prompt")
    for (; at > 0; at -= 1) {
      const before = entries[at - 1]
      if (before?.kind !== "prompt" || before.turn === entry.turn) break
    }
  entries.splice(at, 0, entry)
}

const addDelta = (entries: Entry[], delta: TaskDelta): void => {
  if (change(entries, entry => withText(entry, delta))) return
  const { at, turn, text } = delta
  // The model writes a call before the call begins: its text is already worth seeing.
  insert(
    entries,
    delta.type === "message.delta"
      ? { kind: "message", key: `live ${entries.length}`, at, turn, text, live: true }
      : {
          kind: "tool",
          key: `call ${delta.call}`,
          at,
          turn,
          call: delta.call,
          tool: "",
          input: null,
          output: text,
        },
  )
}

const withText = (entry: Entry, delta: TaskDelta): Entry | null => {
  if (delta.type === "message.delta")
    return entry.kind === "message" && entry.live ? { ...entry, text: tail(entry.text + delta.text) } : null
  const open =
    (entry.kind === "tool" && entry.call === delta.call && entry.end === undefined) ||
    (entry.kind === "tests" && delta.call === "tests" && entry.status === undefined)
  return open ? { ...entry, output: tail(entry.output + delta.text) } : null
}

const tail = (text: string): string => (text.length > maxLiveText ? text.slice(-maxLiveText) : text)

/** What was being written when the connection broke has a hole, until the event that ends it brings the whole. */
export const withGap = (timeline: Timeline): Timeline => ({
  entries: timeline.entries.map(entry =>
    entry.kind === "message" && entry.live ? { ...entry, text: `${entry.text} … ` } : entry,
  ),
})

/** The newest entry that something goes on with takes its new form; answers whether there was one. */
const change = (entries: Entry[], next: (entry: Entry) => Entry | null): boolean => {
  for (let index = entries.length - 1; index >= Math.max(0, entries.length - nearest); index--) {
    const entry = entries[index]
    const changed = entry === undefined ? null : next(entry)
    if (changed === null) continue
    entries[index] = changed
    return true
  }
  return false
}
