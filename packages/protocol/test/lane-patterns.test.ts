import { isLinearOn } from "@twolane/testkit/linear"
import { expect, test } from "vitest"
import { lanePatterns } from "../src/lane-patterns.ts"

/** As many characters as `chooseLane` reads at most. */
const readChars = 20_000

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
