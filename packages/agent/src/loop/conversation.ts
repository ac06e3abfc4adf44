import {
  type Lane,
  type TaskState,
  type TranscriptEntry,
  type TranscriptItem,
  type TurnState,
  turnOf,
} from "@twolane/protocol"
import { assistantText, goOnFrom, isReasoning, outputFor, unansweredCalls, userMessage } from "../items.ts"
import { clip } from "../tools/clip.ts"

/**
 * What the model is given, and what of it is not stored yet. `context` is only ever appended to, or replaced whole when it is
 * shortened: the model session tells by identity what it has sent already.
 */
export type Conversation = {
  context: TranscriptItem[]
  unsaved: TranscriptItem[]
  /** How many items of `context` belong to earlier turns. */
  earlier: number
}

/**
 * Rebuilds a conversation from the Transcript: earlier turns with one line on how each ended, then this turn's items.
 * Calls of earlier turns that never got a result are answered here; this turn's are left for the loop, which knows more.
 */
export const openConversation = (
  state: TaskState,
  turn: string,
  model: string,
  entries: readonly TranscriptEntry[],
): Conversation => {
  const others = state.turns.filter(candidate => candidate.id !== turn)
  const earlier = inTurns(others, turnOf(state, turn)?.lane ?? "deep", model, entries)
  const context = goOnFrom(earlier)
  const own = entries.filter(entry => entry.turn === turn)
  context.push(...readableBy(model, own).flatMap(entry => entry.items))
  return { context, unsaved: [], earlier: earlier.length }
}

/** What a task's next turn in a lane begins with, before its request: as `openConversation` will have it. */
export const nextConversation = (
  state: TaskState,
  lane: Lane,
  model: string,
  entries: readonly TranscriptEntry[],
): readonly TranscriptItem[] => inTurns(state.turns, lane, model, entries)

/** Only the model that reasoned can read its reasoning again. */
const readableBy = (model: string, entries: readonly TranscriptEntry[]): TranscriptEntry[] =>
  entries.map(entry =>
    entry.model === model ? entry : { ...entry, items: entry.items.filter(item => !isReasoning(item)) },
  )

const inTurns = (
  turns: readonly TurnState[],
  lane: Lane,
  model: string,
  entries: readonly TranscriptEntry[],
): readonly TranscriptItem[] => {
  const known = told.get(entries)
  const alike = known?.lane === lane && known.model === model && known.count === entries.length
  if (alike && isSame(known.turns, turns)) return known.items
  const byTurn = Map.groupBy(readableBy(model, entries), entry => entry.turn)
  const items = turns.flatMap(turn => {
    const said = byTurn.get(turn.id) ?? []
    return lane === "fast" && turn.lane === "deep" ? inShort(turn, said) : closedTurn(turn, said)
  })
  told.set(entries, { turns, lane, model, count: entries.length, items })
  return items
}

/** What a Transcript told last: what is read ahead after a turn is what the next one begins with. */
const told = new WeakMap<
  readonly TranscriptEntry[],
  { turns: readonly TurnState[]; lane: Lane; model: string; count: number; items: readonly TranscriptItem[] }
>()

const isSame = (some: readonly TurnState[], others: readonly TurnState[]): boolean =>
  some.length === others.length && some.every((turn, index) => turn === others[index])

/** Hours of work in three messages: a fast turn has no time to read them all. */
const inShort = (turn: TurnState, entries: readonly TranscriptEntry[]): TranscriptItem[] => {
  if (entries.length === 0) return closedTurn(turn, entries)
  const last = entries.map(({ items }) => assistantText(items)).findLast(text => text !== "")
  const said = last === undefined ? "" : ` Its last words:\n\n${clip(last, 4_000).output}`
  return [
    userMessage(clip(turn.prompt, 4_000).output),
    userMessage(`[A deep turn worked on that and ended: ${howItEnded(turn)}.${undoneWords(turn)}]${said}`),
  ]
}

const closedTurn = (turn: TurnState, entries: readonly TranscriptEntry[]): TranscriptItem[] => {
  const [first] = entries
  const last = entries.at(-1)
  const end = `[That turn ended: ${howItEnded(turn)}.${undoneWords(turn)}]`
  const known = first && closed.get(first)
  if (known?.end === end && known.last === last && known.count === entries.length) return known.items
  const items = entries.flatMap(entry => entry.items)
  // A turn that was ended before anything was kept: what it was asked is known all the same.
  if (items.length === 0)
    return turn.startedAt === undefined ? [] : [userMessage(turn.prompt), userMessage(end)]
  const repairs = unansweredCalls(items).map(call =>
    outputFor(call, "The turn ended before this call had a result."),
  )
  const whole = [...items, ...repairs, userMessage(end)]
  if (first !== undefined) closed.set(first, { end, last, count: entries.length, items: whole })
  return whole
}

/** What closed turns look like, by their first entry: a task that is kept warm has many, and each turn adds one. */
const closed = new WeakMap<
  TranscriptEntry,
  { end: string; last: TranscriptEntry | undefined; count: number; items: TranscriptItem[] }
>()

const undoneWords = ({ undone }: TurnState): string =>
  undone === true ? " The person then took back its last change: the files are as they were before it." : ""

const howItEnded = ({ outcome, status }: TurnState): string => {
  if (outcome === undefined) return status
  if (outcome.status === "failed") return `failed (${outcome.code})`
  if (outcome.status === "limited") return `limited (${outcome.which})`
  return outcome.status
}

/** Adds items that are not stored yet; the next write stores them. */
export const say = (conversation: Conversation, ...items: TranscriptItem[]): void => {
  conversation.context.push(...items)
  conversation.unsaved.push(...items)
}

/** Takes what is not stored yet, as the entry to store with the next events. */
export const takeUnsaved = (
  conversation: Conversation,
  entry: Omit<TranscriptEntry, "items">,
): TranscriptEntry[] => {
  const items = conversation.unsaved
  conversation.unsaved = []
  return items.length === 0 ? [] : [{ ...entry, items }]
}
