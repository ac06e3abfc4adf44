import fc from "fast-check"
import { expect, test } from "vitest"
import type { Key } from "../../src/ask/keys.ts"
import { edit, type Line, lineOf, noLine } from "../../src/ask/line.ts"

const after = (line: Line, ...keys: Key["type"][]): Line =>
  keys.reduce((now, type) => edit(now, type === "text" ? { type, text: "x" } : { type }), line)

test("a line is typed and edited at its cursor", () => {
  expect(edit(noLine, { type: "text", text: "fix it" })).toEqual(lineOf("fix it"))
  expect(after(lineOf("fix it"), "left", "left", "text")).toEqual({ text: "fix xit", cursor: 5 })
  expect(after(lineOf("fix it"), "erase_word")).toEqual(lineOf("fix "))
  expect(after(lineOf("fix it"), "left", "erase_line")).toEqual({ text: "t", cursor: 0 })
  expect(after(lineOf("fix it"), "home", "delete", "end", "backspace")).toEqual(lineOf("ix i"))
})

test("a letter is erased whole, however many code points it has", () => {
  expect(after(lineOf("a👩‍👩‍👧‍👦"), "backspace")).toEqual(lineOf("a"))
  expect(after(lineOf("e\u0301x"), "left", "left", "delete")).toEqual({ text: "x", cursor: 0 })
})

test("pasted escape sequences are left out", () => {
  expect(edit(noLine, { type: "text", text: "a\x1b[31mb\x07" }).text).toBe("ab")
})

test("the cursor stays within the line", () => {
  const types = [
    "text",
    "backspace",
    "delete",
    "left",
    "right",
    "home",
    "end",
    "erase_line",
    "erase_word",
  ] as const
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...types)), fc.string({ unit: "grapheme" }), (keys, start) => {
      const line = after(lineOf(start), ...keys)
      expect(line.cursor).toBeGreaterThanOrEqual(0)
      expect(line.cursor).toBeLessThanOrEqual(line.text.length)
    }),
  )
})
