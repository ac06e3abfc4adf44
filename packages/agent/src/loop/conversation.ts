import type { TaskState, TranscriptEntry, TranscriptItem, TurnState } from "@twolane/protocol"
import { isReasoning, outputFor, unansweredCalls, userMessage } from "../items.ts"

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
  const readable = entries.map(entry => ({
    ...entry,
    items: entry.model === model ? entry.items : entry.items.filter(item => !isReasoning(item)),
  }))
  const earlier = state.turns
    .filter(candidate => candidate.id !== turn)
    .flatMap(candidate =>
      closedTurn(
        candidate,
        readable.filter(entry => entry.turn === candidate.id),
      ),
    )
  const own = readable.filter(entry => entry.turn === turn).flatMap(entry => entry.items)
  return { context: [...earlier, ...own], unsaved: [], earlier: earlier.length }
}

const closedTurn = (turn: TurnState, entries: readonly TranscriptEntry[]): TranscriptItem[] => {
  const items = entries.flatMap(entry => entry.items)
  if (items.length === 0) return []
  const repairs = unansweredCalls(items).map(call =>
    outputFor(call, "The turn ended before this call had a result."),
  )
  return [...items, ...repairs, userMessage(`[That turn ended: ${howItEnded(turn)}.]`)]
}

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
