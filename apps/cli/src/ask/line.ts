import { clean } from "@twolane/common/clean"
import type { Key } from "./keys.ts"

/** What a person is typing, and where the cursor stands in it, in UTF-16 code units. */
export type Line = { readonly text: string; readonly cursor: number }

/** Nothing is typed. */
export const noLine: Line = { text: "", cursor: 0 }

/** A line with the cursor at its end. */
export const lineOf = (text: string): Line => ({ text, cursor: text.length })

/** The line after a key that edits it; other keys leave it as it is. */
export const edit = (line: Line, key: Key): Line => {
  const { text, cursor } = line
  switch (key.type) {
    case "text":
      return spliced(line, cursor, cursor, clean(key.text))
    case "backspace":
      return spliced(line, before(line), cursor, "")
    case "delete":
      return spliced(line, cursor, after(line), "")
    case "erase_line":
      return spliced(line, 0, cursor, "")
    case "erase_word":
      return spliced(line, text.slice(0, cursor).search(/\S*\s*$/), cursor, "")
    case "left":
      return { text, cursor: before(line) }
    case "right":
      return { text, cursor: after(line) }
    case "home":
      return { text, cursor: 0 }
    case "end":
      return lineOf(text)
    default:
      return line
  }
}

const spliced = ({ text }: Line, from: number, to: number, instead: string): Line => ({
  text: text.slice(0, from) + instead + text.slice(to),
  cursor: from + instead.length,
})

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** Where the letter before the cursor begins: a person erases letters, however many code points they have. */
const before = ({ text, cursor }: Line): number => {
  const last = [...letters.segment(text.slice(0, cursor))].at(-1)
  return last?.index ?? 0
}

const after = ({ text, cursor }: Line): number => {
  const [first] = letters.segment(text.slice(cursor))
  return cursor + (first?.segment.length ?? 0)
}
