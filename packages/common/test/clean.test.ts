import fc from "fast-check"
import { expect, test } from "vitest"
import { clean, oneLine } from "../src/clean.ts"

test.each([
  ["colours", "a\x1b[31mred\x1b[0m", "ared"],
  ["cursor moves and screen clears", "a\x1b[2J\x1b[1;1Hb", "ab"],
  ["a title (OSC, BEL)", "a\x1b]0;owned\x07b", "ab"],
  ["the clipboard (OSC 52, ST)", "a\x1b]52;c;ZXZpbA==\x1b\\b", "ab"],
  ["a link (OSC 8)", "\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\", "text"],
  ["a device control string", "a\x1bP1$r0m\x1b\\b", "ab"],
  ["an unfinished sequence", "a\x1b]0;never ended", "a"],
  ["8-bit CSI", "a\x9b31mb", "ab"],
  ["bells, backspaces and nulls", "a\x07\x08\x00b", "ab"],
  ["marks that turn the reading direction", "a\u202eb\u2066c\u200f", "abc"],
  ["carriage returns that would overwrite", "good\rbad", "good\nbad"],
])("%s are left out", (_name, text, expected) => {
  expect(clean(text)).toBe(expected)
})

test("tabs, line ends and letters of every script stay", () => {
  expect(clean("a\tb\nç 漢字 🙂")).toBe("a\tb\nç 漢字 🙂")
})

test("whatever comes in, no control character but tab and line end goes out", () => {
  const starts = fc.constantFrom("\x1b[", "\x1b]", "\x1b\\", "\x07", "\x9b", "\x1bP", "\x1b")
  const piece = fc.oneof(fc.string({ unit: "binary" }), starts)
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), pieces => {
      expect(clean(pieces.join(""))).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
    }),
  )
})

test("one line is one line, cut to its length", () => {
  expect(oneLine("a\n  b\tc")).toBe("a b c")
  expect(oneLine("abcdef", 4)).toBe("abc…")
})
