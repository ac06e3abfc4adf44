import fc from "fast-check"
import { expect, test } from "vitest"
import { fitting, fittingEnd, widthOf, wrapped } from "../../src/show/width.ts"

test.each([
  ["plain", 5],
  ["漢字", 4],
  ["e\u0301", 1],
  ["🙂", 2],
  ["👩‍👩‍👧‍👦", 2],
  ["한글", 4],
  ["", 0],
])("%s takes %i columns", (text, columns) => {
  expect(widthOf(text)).toBe(columns)
})

test("rows are broken at blanks, and long words where the row ends", () => {
  expect(wrapped("one two three", 8)).toEqual({ rows: ["one two"], rest: "three" })
  expect(wrapped("abcdefghij", 4)).toEqual({ rows: ["abcd", "efgh"], rest: "ij" })
  expect(wrapped("short", 8)).toEqual({ rows: [], rest: "short" })
})

test("what fits, fits, and wrapping loses nothing but blanks", () => {
  const text = fc.string({ unit: "grapheme" }).map(each => each.replace(/\p{Cc}/gu, ""))
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 20 }), (said, columns) => {
      expect(widthOf(fitting(said, columns))).toBeLessThanOrEqual(columns)
      expect(widthOf(fittingEnd(said, columns))).toBeLessThanOrEqual(columns)
      const { rows, rest } = wrapped(said, columns)
      for (const row of [...rows, rest]) expect(widthOf(row)).toBeLessThanOrEqual(columns)
      expect([...rows, rest].join("").replaceAll(" ", "")).toBe(said.replaceAll(" ", ""))
    }),
  )
})
