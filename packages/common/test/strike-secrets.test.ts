import { keptTexts } from "@twolane/testkit/corpus"
import { isLinearOn } from "@twolane/testkit/linear"
import fc from "fast-check"
import { expect, test } from "vitest"
import { urlPasswords } from "../src/log.ts"
import { makeStriker, searched, strikeSecrets } from "../src/strike-secrets.ts"

const pieces = (text: string, cuts: readonly number[]): string[] => {
  const places = [...new Set(cuts.map(cut => cut % (text.length + 1)))].toSorted((a, b) => a - b)
  return [0, ...places].map((from, at) => text.slice(from, places[at] ?? text.length))
}

const kept = keptTexts(import.meta.dirname, "texts")

// In parts, so that nobody who looks for secrets finds them here.
const secrets = [
  `ghp_${"a1B2".repeat(9)}`,
  `github_pat_${"a1B2_".repeat(8)}`,
  `sk-proj-${"x9".repeat(20)}`,
  `AKIA${"Q7".repeat(8)}`,
  `xoxb-${"12345-".repeat(4)}abc`,
  `glpat-${"abcd1234".repeat(3)}`,
  `twl_${"0123-abcd".repeat(5)}`,
  `whsec_${"q1W2".repeat(8)}`,
  `-----BEGIN ${"RSA"} PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----`,
]

test.each(secrets)("a secret is struck out: %s", secret => {
  expect(strikeSecrets(`before "${secret}" after`)).toBe('before "[secret]" after')
})

test("a password in an address is struck out, the rest stays", () => {
  expect(strikeSecrets("git clone https://bot:hunter22@example.org/x.git")).toBe(
    "git clone https://bot:[secret]@example.org/x.git",
  )
})

test.each([
  "a task-id of 12",
  "risk-averse",
  "sk-short",
  "https://example.org/a",
  "....",
  "AKIAlow",
  "desk-lamp-of-the-old-kind",
])("ordinary text stays: %s", text => expect(strikeSecrets(text)).toBe(text))

test("text in pieces comes out as the whole would, with nothing of a secret in any piece", () => {
  const word = fc.oneof(
    fc.constantFrom(...secrets, "ok", "g", "gh", "s", "sk", "-", "--", "https://", "."),
    fc.string({ maxLength: 8 }),
  )
  const gap = fc.constantFrom(" ", "\n", '"', " = ")
  const text = fc.array(fc.tuple(word, gap), { maxLength: 8 }).map(parts => parts.flat().join(""))
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 12 }), (whole, cuts) => {
      const said: string[] = []
      const striker = makeStriker(piece => said.push(piece))
      for (const piece of pieces(whole, cuts)) striker.put(piece)
      striker.end()
      expect(said.join("")).toBe(strikeSecrets(whole))
    }),
    { numRuns: 2_000, examples: kept.map(text => [text, [1, 100, 5_000]]) },
  )
})

test("a long output costs by its length, whatever is in it", () => {
  const pieces = ["x", "a://", "a://b:", "a:b@", "ghp_", "sk-", "AKIA", "-----BEGIN ", "A ", "-", "twl_-"]
  const texts = [...pieces.map(piece => piece.repeat(20_000 / piece.length)), ...kept]
  const slow = [urlPasswords, ...searched].flatMap(pattern =>
    texts.filter(text => !isLinearOn(pattern, text)).map(text => `${pattern} on ${text.slice(0, 20)}`),
  )
  expect(slow).toEqual([])
})
