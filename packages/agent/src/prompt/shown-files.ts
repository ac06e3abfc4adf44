import type { TranscriptItem } from "@twolane/protocol"
import { beginningOf, messageText } from "../items.ts"

/** A file between marks that its own text cannot hold. */
export const shownFile = (path: string, text: string): string => {
  const fences = (text.match(/^`{3,}/gm) ?? []).map(({ length }) => length)
  const fence = "`".repeat(Math.max(2, ...fences) + 1)
  return `${path}:\n${fence}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`
}

/** Whether the model has seen a file with exactly this text, and no other text of it since. */
export type WasShown = (path: string, text: string) => boolean

/** What a conversation shows, by its requests; nothing is remembered beside it, so that every worker finds the same. */
export const shownIn = (context: readonly TranscriptItem[]): WasShown => {
  const beginning = beginningOf(context)
  const showings = [...showingsAtStart(beginning), ...showingsIn(context.slice(beginning.length))]
  return (path, text) => {
    const last = showings.findLast(({ at }) => at.has(path))
    const file = `${shownFile(path, text)}\n\n`
    return last?.at.get(path)?.some(begin => last.text.startsWith(file, begin)) ?? false
  }
}

/** A message that may show files: its text, and where in it what looks like each one begins. */
type Showing = { text: string; at: ReadonlyMap<string, readonly number[]> }

const showingsIn = (items: readonly TranscriptItem[]): Showing[] =>
  items.map(showingOf).filter(showing => showing !== null)

/** Of the beginnings of conversations, which stay as they are. */
const shownAtStart = new WeakMap<readonly TranscriptItem[], Showing[]>()

const showingsAtStart = (beginning: readonly TranscriptItem[]): Showing[] => {
  const found = shownAtStart.get(beginning) ?? showingsIn(beginning)
  shownAtStart.set(beginning, found)
  return found
}

/** Items are never changed, and a long conversation is looked through for each turn. */
const known = new WeakMap<TranscriptItem, Showing | null>()

const showingOf = (item: TranscriptItem): Showing | null => {
  const found = known.get(item)
  if (found !== undefined) return found
  const showing = lookThrough(messageText(item, "user"))
  known.set(item, showing)
  return showing
}

const lookThrough = (text: string): Showing | null => {
  const at = new Map<string, number[]>()
  for (const { 1: path = "", index } of text.matchAll(/\n\n([^\n]+):\n(?=```)/g))
    at.set(path, [...(at.get(path) ?? []), index + 2])
  return at.size === 0 ? null : { text, at }
}
