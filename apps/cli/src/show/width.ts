const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" })

// East Asian wide and fullwidth blocks (Unicode 16, EastAsianWidth.txt), coarse: whole blocks instead of single code points.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u
const unseen = /^[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Cc}]+$/u

/** How many columns a text without control characters takes on a terminal. */
export const widthOf = (text: string): number => {
  // oxlint-disable-next-line no-control-regex -- plain ASCII is the common case
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of letters.segment(text)) width += letterWidth(segment)
  return width
}

const letterWidth = (letter: string): number => (unseen.test(letter) ? 0 : wide.test(letter) ? 2 : 1)

/** The longest beginning of a text that fits into so many columns. */
export const fitting = (text: string, columns: number): string => {
  if (widthOf(text) <= columns) return text
  let width = 0
  for (const { segment, index } of letters.segment(text)) {
    width += letterWidth(segment)
    if (width > columns) return text.slice(0, index)
  }
  return text
}

/** The longest end of a text that fits into so many columns. */
export const fittingEnd = (text: string, columns: number): string => {
  const parts = [...letters.segment(text)]
  let width = 0
  for (const { segment, index } of parts.reverse()) {
    width += letterWidth(segment)
    if (width > columns) return text.slice(index + segment.length)
  }
  return text
}

/** Splits off full rows of a text, at blanks where there are some; `rest` fits into one row. */
export const wrapped = (text: string, columns: number): { rows: string[]; rest: string } => {
  const rows: string[] = []
  let rest = text
  while (widthOf(rest) > columns) {
    const row = fitting(rest, columns)
    const blank = row.lastIndexOf(" ")
    const cut = blank > 0 ? blank : Math.max(row.length, 1)
    rows.push(rest.slice(0, cut))
    rest = rest.slice(cut).replace(/^ /, "")
  }
  return { rows, rest }
}
