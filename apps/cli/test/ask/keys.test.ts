import fc from "fast-check"
import { expect, test } from "vitest"
import { type Key, readKeys } from "../../src/ask/keys.ts"

const text = (said: string): Key => ({ type: "text", text: said })

test.each<[string, string, Key[]]>([
  ["typed text is one text", "héllo 漢🙂", [text("héllo 漢🙂")]],
  ["Enter sends", "yes\r", [text("yes"), { type: "enter" }]],
  [
    "control keys edit",
    "\x01\x05\x15\x17\x7f",
    (["home", "end", "erase_line", "erase_word", "backspace"] as const).map(type => ({ type })),
  ],
  ["Ctrl-C and Ctrl-D are keys here", "\x03\x04", [{ type: "ctrl_c" }, { type: "ctrl_d" }]],
  ["arrows move", "\x1b[D\x1bOC\x1b[3~", [{ type: "left" }, { type: "right" }, { type: "delete" }]],
  ["keys without a meaning do nothing", "a\x1b[A\x1b[15;5~\x1bf\x1a\tb", [text("ab")]],
  ["Esc twice is Esc at once", "\x1b\x1b[C", [{ type: "escape" }, { type: "right" }]],
  [
    "what is pasted is text, line ends and all",
    "\x1b[200~a\r\nb\x1b\x1b[201~\r",
    [text("a\nb\x1b"), { type: "enter" }],
  ],
])("%s", (_name, sent, keys) => {
  expect(readKeys(sent)).toEqual({ keys, rest: "" })
})

test("an escape character waits for the rest of its sequence, and is the Esc key when none comes", () => {
  expect(readKeys("a\x1b")).toEqual({ keys: [text("a")], rest: "\x1b" })
  expect(readKeys("\x1b", true)).toEqual({ keys: [{ type: "escape" }], rest: "" })
  expect(readKeys("\x1b[1;5")).toEqual({ keys: [], rest: "\x1b[1;5" })
  expect(readKeys("\x1b[1;5", true)).toEqual({ keys: [], rest: "" })
  expect(readKeys("\x1b[200~half", true)).toEqual({ keys: [], rest: "\x1b[200~half" })
})

test("keys are the same wherever the bytes are split", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "\x1b[D",
      "\x1bOC",
      "\r",
      "\x7f",
      "\x03",
      "\x1b[200~a\r\x1b[A\x1b[201~",
      "\x1b\x1b[C",
      "\x1b[3~",
    ),
    fc.string({ unit: "grapheme", maxLength: 5 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(), (pieces, seed) => {
      const sent = pieces.join("")
      const cut = sent.length === 0 ? 0 : seed % sent.length
      const first = readKeys(sent.slice(0, cut))
      const second = readKeys(first.rest + sent.slice(cut))
      const whole = readKeys(sent)
      expect([flat([...first.keys, ...second.keys]), second.rest]).toEqual([flat(whole.keys), whole.rest])
    }),
  )
})

test("whatever is sent, reading ends, and nothing typed becomes the Esc key", () => {
  fc.assert(
    fc.property(fc.string({ unit }), sent => {
      const { rest } = readKeys(sent, true)
      expect(rest === "" || rest.startsWith("\x1b[200~")).toBe(true)
      expect(readKeys(sent.replaceAll("\x1b", ""), true).keys).not.toContainEqual({ type: "escape" })
    }),
  )
})

// A unit of "binary" takes fast-check seconds to begin with.
const unit = fc.integer({ min: 0, max: 0x2ff }).map(code => String.fromCodePoint(code))

/** One entry a UTF-16 unit, so that texts compare however they were split. */
const flat = (keys: readonly Key[]): string[] =>
  keys.flatMap(key => (key.type === "text" ? key.text.split("") : [`<${key.type}>`]))
