import { expect, test } from "vitest"
import { isLinearOn } from "../src/linear.ts"

const chars = 20_000
const lines = "\n".repeat(chars)
const words = "a ".repeat(chars / 2)
const end = `${"!".repeat(chars)}.`

test.each([
  ["a list's item that may begin on any earlier line", /^\s*[-*]\s+\S/m, lines],
  ["a sentence's end that is looked for within itself", /!+$/, end],
  ["words in words", /(?:\w+\s?)+:/, words],
])("%s goes back", (_what, pattern, text) => {
  expect(isLinearOn(pattern, text)).toBe(false)
})

test.each([
  ["a list's item on its line", /^[ \t]*[-*][ \t]+\S/m, lines],
  ["a sentence's end that begins where it begins", /(?<!!)!+$/, end],
  ["words one after another", /^(?:\w+\s)+:/, words],
  ["many alternatives", /\b(?:all|alter|am|ant|any|app|are|arm|art|as)\b/, words],
])("%s does not", (_what, pattern, text) => {
  expect(isLinearOn(pattern, text)).toBe(true)
})
