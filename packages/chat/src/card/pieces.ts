import { clean } from "@twolane/common/clean"
import type { Markup } from "./markup.ts"

/** A long text as a message shows it: texts of at most `chars`, as written, and whether its beginning is left out. */
export type Pieces = { texts: string[]; cut: boolean }

/** The end of a text, since what was said last matters most: as much of it as there is room for, broken between lines where that is possible. */
export const endOf = (value: string, markup: Markup, room: Markup["room"]): Pieces => {
  const texts: string[] = []
  let left = clean(value).trim()
  while (left !== "" && texts.length < room.texts) {
    const from = beginOf(left, markup, room.chars)
    const last = texts.length === room.texts - 1
    texts.unshift(`${last && from > 0 ? "…" : ""}${markup.text(left.slice(from).trim())}`)
    left = left.slice(0, from).trimEnd()
  }
  return { texts, cut: left !== "" }
}

/** The beginning of a text as `write` writes it, as much of it as is at most `maxChars` long then. */
export const startOf = (
  value: string,
  write: (text: string) => string,
  maxChars: number,
): { written: string; cut: boolean } => {
  if (value.length <= maxChars && write(value).length <= maxChars)
    return { written: write(value), cut: false }
  const start = (length: number) =>
    write(`${value.slice(0, isLowSurrogate(value, length) ? length - 1 : length)}…`)
  let low = 0
  let high = Math.min(value.length, maxChars)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (start(middle).length <= maxChars) low = middle
    else high = middle - 1
  }
  return { written: start(low), cut: true }
}

/** Where the longest end begins that fits, at a line's beginning if one is in its first half. */
const beginOf = (text: string, markup: Markup, maxChars: number): number => {
  if (text.length <= maxChars && markup.text(text).length <= maxChars) return 0
  let low = Math.max(0, text.length - maxChars)
  let high = text.length - 1
  // Less text is never longer in a platform's markup; one more letter is for the sign that something is left out.
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (markup.text(text.slice(middle)).length < maxChars) high = middle
    else low = middle + 1
  }
  const line = text.indexOf("\n", low)
  if (line >= 0 && line < low + (text.length - low) / 2) return line + 1
  return isLowSurrogate(text, low) ? low + 1 : low
}

const isLowSurrogate = (text: string, index: number): boolean => {
  const code = text.charCodeAt(index)
  return code >= 0xdc00 && code <= 0xdfff
}
