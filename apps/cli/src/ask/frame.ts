import type { Piece, Tone } from "../show/progress.ts"
import { fitting, fittingEnd, widthOf } from "../show/width.ts"
import type { Session } from "./session.ts"
import type { View } from "./view.ts"

/** What stands below the printed lines, and is drawn anew each time: rows that fit the screen, and the cursor's column in the last. */
export type Frame = { readonly rows: readonly Row[]; readonly cursorColumn: number }
type Row = { text: string; tone: Tone }

/** No rows, before the first frame and after the last. */
export const noFrame: Frame = { rows: [{ text: "", tone: "plain" }], cursorColumn: 0 }

const tailRows = 8
const mark = "› "

/** The rows for a view and a session on a screen so wide. */
export const frameOf = (view: View, session: Session, columns: number): Frame => {
  // A row that fills the screen to its edge leaves the cursor in doubt.
  const room = Math.max(8, columns - 1)
  const row = (text: string, tone: Tone): Row => ({ text: fitting(text, room), tone })
  const prompt = promptRow(session.line, room)
  return {
    rows: [
      ...(view.partial === "" ? [] : [row(view.partial, "plain")]),
      ...tailOf(view).map(text => row(text, "dim")),
      ...folded(stateWords(session), room).map(text => row(text, session.gate === null ? "dim" : "ask")),
      { text: prompt.text, tone: "plain" },
    ],
    cursorColumn: prompt.cursorColumn,
  }
}

const tailOf = ({ tail }: View): string[] => {
  if (tail === null || tail.kind === "arguments") return []
  const lines = tail.text.replaceAll("\t", "  ").trimEnd().split("\n").slice(-tailRows)
  return lines.map(line => `  ${line}`)
}

const joint = " · "

/** What one may do, on as many rows as it takes: none of it is cut off where another row has room. */
const folded = (words: string, columns: number): string[] => {
  const rows: string[] = []
  for (const part of words.split(joint)) {
    const longer = `${rows.at(-1) ?? ""}${joint}${part}`
    if (rows.length > 0 && widthOf(longer) <= columns) rows.splice(-1, 1, longer)
    else rows.push(rows.length === 0 ? part : `  ${part}`)
  }
  return rows
}

const stateWords = ({ busy, stopping, leaving, gate, lane, turn, task }: Session): string => {
  if (gate !== null) return "? a question waits · /allow · /deny [what to do instead] · Esc interrupts"
  if (leaving) return "● interrupting, then leaving · Ctrl-C leaves at once"
  if (stopping) return "● interrupting …"
  if (busy)
    return `● ${lane}${turn === null ? ", waiting" : ""} · Esc interrupts · text steers${lane === "fast" ? " · /deep" : ""}`
  return task === null
    ? "○ what shall be done? · /help"
    : "○ what next? · /diff · /undo · /accept · /deep · /help · /quit"
}

/** The line that is typed, or so much of it around the cursor as fits. Line ends in it are shown as marks. */
const promptRow = (line: Session["line"], columns: number): { text: string; cursorColumn: number } => {
  const shown = (text: string) => text.replaceAll("\n", "⏎").replaceAll("\t", " ")
  const room = columns - mark.length
  const before = fittingEnd(shown(line.text.slice(0, line.cursor)), room)
  const width = widthOf(before)
  const after = fitting(shown(line.text.slice(line.cursor)), room - width)
  return { text: `${mark}${before}${after}`, cursorColumn: mark.length + width }
}

/** How pieces are coloured. */
export type Paint = (piece: Pick<Piece, "text" | "tone">) => string

/** A change of the screen: the frame that is there goes, lines are printed for good, another frame comes. */
export type Redraw = { before: Frame; lines: readonly Piece[]; after: Frame; columns: number; paint: Paint }

/** What is written to the terminal for a change of the screen; nothing when nothing changes. */
export const redraw = ({ before, lines, after, columns, paint }: Redraw): string => {
  if (lines.length === 0 && JSON.stringify(before) === JSON.stringify(after)) return ""
  const rows = after.rows.map(paint).join("\n")
  const printed = lines.map(line => `${paint(line)}\n`).join("")
  return `${hold}${erase(before, columns)}${printed}${rows}\r${right(after.cursorColumn)}${release}`
}

// Terminals that know it show what is between at once, so that nothing flickers; others ignore it.
const hold = "\x1b[?2026h"
const release = "\x1b[?2026l"

/** The cursor stands in a frame's last row. A screen that was made narrower has folded longer rows. */
const erase = ({ rows }: Frame, columns: number): string => {
  const heights = rows.map(({ text }) => Math.max(1, Math.ceil(widthOf(text) / columns)))
  const up = heights.reduce((sum, height) => sum + height, -1)
  return `${up === 0 ? "" : `\x1b[${up}A`}\r\x1b[J`
}

const right = (columns: number): string => (columns === 0 ? "" : `\x1b[${columns}C`)
