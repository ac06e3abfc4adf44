import fc from "fast-check"
import { expect, test } from "vitest"
import { parseAnsi } from "../src/ui/ansi-parse.ts"

const esc = "\u001b"
const textOf = (output: string): string =>
  parseAnsi(output)
    .map(span => span.text)
    .join("")

test("colours and weights become classes, and end where they end", () => {
  expect(parseAnsi(`a${esc}[31mred${esc}[1m bold${esc}[0m plain`)).toEqual([
    { text: "a", classes: "" },
    { text: "red", classes: "ansi-1" },
    { text: " bold", classes: "ansi-1 ansi-bold" },
    { text: " plain", classes: "" },
  ])
})

test("256 colours and true colour become the nearest of the sixteen; grounds are left out", () => {
  expect(parseAnsi(`${esc}[38;5;9ma${esc}[38;2;20;220;40mb${esc}[48;5;4;4mc${esc}[39md`)).toEqual([
    { text: "a", classes: "ansi-9" },
    { text: "b", classes: "ansi-10" },
    { text: "c", classes: "ansi-10 ansi-underline" },
    { text: "d", classes: "ansi-underline" },
  ])
})

test.each([
  ["a title", `${esc}]0;owned\u0007x`],
  ["a link", `${esc}]8;;https://evil.example\u0007x${esc}]8;;\u0007`],
  ["moves of the cursor", `${esc}[2J${esc}[1;1Hx`],
  ["a device's string", `${esc}Pq#0;2;0;0;0${esc}\\x`],
  ["a sequence that never ends", `x${esc}]0;owned`],
  ["other control characters", "\u0000\u0007\u0008x\u007f"],
])("%s leaves only the text", (_what, output) => {
  expect(textOf(output)).toBe("x")
})

test("a line that a progress bar wrote again is what it was last; line ends of Windows are line ends", () => {
  expect(textOf("10%\r50%\r100%\ndone\r\n")).toBe("100%\ndone\n")
})

const pieces = fc.oneof(
  fc.constantFrom(
    esc,
    `${esc}[`,
    `${esc}]`,
    `${esc}P`,
    "\u009b",
    "\u009c",
    "\u0007",
    "\r",
    "\n",
    "38;5;",
    "m",
    "\\",
    "J",
    ";",
  ),
  fc.string(),
  fc.integer({ min: 0, max: 0x9f }).map(code => String.fromCharCode(code)),
)

test("whatever the output is, no control character but tab and line end is left, and plain text stays as it is", () => {
  fc.assert(
    fc.property(fc.array(pieces), parts => {
      const output = parts.join("")
      expect(textOf(output)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), given => {
      const text = given.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "")
      expect(textOf(text)).toBe(text)
    }),
  )
})
