import fc from "fast-check"
import { expect, test } from "vitest"
import { type Frame, frameOf, noFrame, redraw } from "../../src/ask/frame.ts"
import { lineOf } from "../../src/ask/line.ts"
import { noSession } from "../../src/ask/session.ts"
import { noView } from "../../src/ask/view.ts"
import type { Piece } from "../../src/show/progress.ts"
import { widthOf } from "../../src/show/width.ts"

const line = (text: string): Piece => ({ kind: "line", text, tone: "plain" })
const paint = ({ text }: { text: string }): string => text
const view = noView(true, 0)
const running = { ...noSession, task: "task_1", turn: "turn_1", busy: true }

/** What stands on a screen after bytes were written to it: the few sequences that `redraw` uses, and no other. */
const screenAfter = (bytes: string): { rows: string[]; column: number } => {
  const rows = [""]
  let row = 0
  let column = 0
  for (const [token] of bytes.matchAll(/\x1b\[\?2026[hl]|\x1b\[(\d*)([ACJ])|[\s\S]/gu)) {
    const [, count = "", end] = /^\x1b\[(\d*)([ACJ])$/.exec(token) ?? []
    if (token.startsWith("\x1b[?")) continue
    if (end === "A") row -= Number(count)
    else if (end === "C") column += Number(count)
    else if (end === "J") rows.splice(row, rows.length, (rows[row] ?? "").slice(0, column))
    else if (token === "\r") column = 0
    else if (token === "\n") {
      row += 1
      column = 0
      rows[row] ??= ""
    } else {
      rows[row] = (rows[row] ?? "").slice(0, column).padEnd(column) + token
      column += 1
    }
  }
  return { rows, column }
}

test("the rows are the message under way, what a call says, the state and the line", () => {
  const writing = {
    ...view,
    partial: "I mend",
    tail: { call: "c", kind: "patch" as const, text: "+a\n+b\n" },
  }
  expect(frameOf(writing, { ...running, line: lineOf("and 漢") }, 60)).toEqual({
    rows: [
      { text: "I mend", tone: "plain" },
      { text: "  +a", tone: "dim" },
      { text: "  +b", tone: "dim" },
      { text: "● fast · Esc interrupts · text steers · /deep", tone: "dim" },
      { text: "› and 漢", tone: "plain" },
    ],
    cursorColumn: 8,
  })
})

test("of a line longer than the screen the part around the cursor is shown, on one row", () => {
  const frame = frameOf(view, { ...running, line: { text: "0123456789abcdef", cursor: 12 } }, 12)
  expect(frame.rows.at(-1)?.text).toBe("› 3456789ab")
  expect(frame.cursorColumn).toBe(11)
  const pasted = frameOf(view, { ...running, line: lineOf("a\nb") }, 40)
  expect(pasted.rows.at(-1)?.text).toBe("› a⏎b")
})

test("on a narrow screen what one may do takes more rows, and nothing of it is left out", () => {
  const next = { ...noSession, task: "task_1" }
  const texts = (columns: number) => frameOf(view, next, columns).rows.map(({ text }) => text)
  expect(texts(80)).toEqual(["○ what next? · /diff · /undo · /accept · /deep · /help · /quit", "› "])
  expect(texts(40)).toEqual(["○ what next? · /diff · /undo · /accept", "  /deep · /help · /quit", "› "])
})

test("printed lines stay, and the frame below them is replaced", () => {
  const first: Frame = {
    rows: [
      { text: "state", tone: "dim" },
      { text: "› a", tone: "plain" },
    ],
    cursorColumn: 3,
  }
  const second: Frame = { rows: [{ text: "› ", tone: "plain" }], cursorColumn: 2 }
  const one = redraw({ before: noFrame, lines: [line("x")], after: first, columns: 20, paint })
  expect(screenAfter(one)).toEqual({ rows: ["x", "state", "› a"], column: 3 })
  const two = one + redraw({ before: first, lines: [line("y")], after: second, columns: 20, paint })
  expect(screenAfter(two)).toEqual({ rows: ["x", "y", "› "], column: 2 })
  const none = two + redraw({ before: second, lines: [], after: noFrame, columns: 20, paint })
  expect(screenAfter(none)).toEqual({ rows: ["x", "y", ""], column: 0 })
})

test("nothing is written when nothing changes", () => {
  const frame = frameOf(view, running, 40)
  expect(redraw({ before: frame, lines: [], after: frameOf(view, running, 40), columns: 40, paint })).toBe("")
})

test("whatever is drawn over whatever, the screen is the printed lines and the last frame", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 12 })
  const drawn = fc.record({ lines: fc.array(word, { maxLength: 3 }), partial: word, typed: word })
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 6 }), steps => {
      let before = noFrame
      let bytes = ""
      for (const { lines, partial, typed } of steps) {
        const after = frameOf({ ...view, partial }, { ...running, line: lineOf(typed) }, 80)
        bytes += redraw({ before, lines: lines.map(line), after, columns: 80, paint })
        before = after
      }
      const printed = steps.flatMap(({ lines }) => lines)
      expect(screenAfter(bytes)).toEqual({
        rows: [...printed, ...before.rows.map(({ text }) => text)],
        column: before.cursorColumn,
      })
    }),
  )
})

test("every row fits the screen, however narrow", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 }).map(each => each.replace(/\p{Cc}/gu, ""))
  fc.assert(
    fc.property(text, text, fc.nat(), fc.integer({ min: 9, max: 40 }), (partial, typed, seed, columns) => {
      const cursor = typed === "" ? 0 : seed % typed.length
      const frame = frameOf({ ...view, partial }, { ...running, line: { text: typed, cursor } }, columns)
      for (const row of frame.rows) expect(widthOf(row.text)).toBeLessThan(columns)
      expect(frame.cursorColumn).toBeLessThan(columns)
    }),
  )
})
