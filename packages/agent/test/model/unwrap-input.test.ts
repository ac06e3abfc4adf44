import fc from "fast-check"
import { expect, test } from "vitest"
import { makeInputReader } from "../../src/model/unwrap-input.ts"

const pieces = (text: string, sizes: readonly number[]): string[] => {
  const cut: string[] = []
  let from = 0
  for (const size of sizes) {
    cut.push(text.slice(from, from + size))
    from += size
  }
  return [...cut, text.slice(from)]
}

const escapeAll = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("")

test("the text of an input comes out whole, however its JSON is cut and escaped", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 40 }),
      fc.boolean(),
      (text, sizes, escaped) => {
        const json = escaped ? `{ "input" : "${escapeAll(text)}" }` : JSON.stringify({ input: text })
        const read = makeInputReader()
        const parts = pieces(json, sizes).map(read)
        expect(parts.join("")).toBe(text)
      },
    ),
  )
})

test("text comes out as soon as it is there", () => {
  const read = makeInputReader()
  expect(['{"inp', 'ut":"*** Be', "gin\\", 'nX"', "}"].map(read)).toEqual(["", "*** Be", "gin", "\nX", ""])
})

test("what is no such object gives nothing", () => {
  const read = makeInputReader()
  expect(read('{"command":"ls"}')).toBe("")
})
