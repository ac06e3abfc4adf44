import { setFlagsFromString } from "node:v8"
import { expect, test } from "vitest"
import { lanePatterns } from "../src/lane-patterns.ts"

/** As many characters as `chooseLane` reads at most. */
const readChars = 20_000
/** A step back is what an alternative costs that does not fit, so some tens for each character are usual. */
const stepsPerChar = 100

setFlagsFromString("--allow-natives-syntax")
const limited = new Function(
  "source",
  "flags",
  "maxSteps",
  "return %NewRegExpWithBacktrackLimit(source, flags, maxSteps)",
) as (source: string, flags: string, maxSteps: number) => RegExp

/** The engine does not count the steps back within a repeated single character, unless there is an (empty) group beside it. */
const counted = (source: string): string =>
  source.replace(/(\\.|\[(?:\\.|[^\]\\])*\]|[^()|?*+{}])([*+]?)/g, (one, char: string, often: string) =>
    often === "" ? one : `(?:()${char})${often}`,
  )

/** Whether the pattern reads the whole text within so many steps back. The engine counts them, and gives up beyond the limit. */
const isLinearOn = ({ source, flags }: RegExp, text: string): boolean => {
  // Tries the pattern at each character, takes none for a match, and at last matches nothing: only giving up is `null`.
  const search = `^(?:[^]*?(?:${counted(source)})(?!)|)`
  return limited(search, flags.replace("g", ""), stepsPerChar * readChars).exec(text) !== null
}

const hostile = [
  "\n",
  "a",
  "a ",
  ".",
  "!",
  "1",
  "`",
  "- x\n",
  " \n",
  "a.",
  "a/",
  "all ",
  "every a ",
  "replace ",
  "replace a ",
  "port a ",
  "extract the a ",
  "change ",
  "change a ",
  "add a ",
  "set a ",
  "make a ",
  "return a ",
  "new a ",
  "why is our a ",
  "migrat",
  "internationali",
]
const texts = hostile.map(piece => piece.repeat(Math.ceil(readChars / piece.length)).slice(0, readChars))

test.each(Object.entries(lanePatterns))("%s does not go back over a hostile prompt", (_name, pattern) => {
  const slow = texts.filter(text => !isLinearOn(pattern, text))
  expect(slow.map(text => text.slice(0, 20))).toEqual([])
})

test.each([
  ["a list's item that may begin on an earlier line", /^\s*[-*]\s+\S/m],
  ["a sentence's end that is looked for within itself", /[.!?]+$/],
  ["a word of words", /(?:\w+\s?)+:/],
])("the count tells %s", (_what, pattern) => {
  expect(texts.every(text => isLinearOn(pattern, text))).toBe(false)
})
