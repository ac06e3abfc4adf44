import fc from "fast-check"
import { expect, test } from "vitest"
import { askedOf, nonceBy, promptOf } from "../../src/github/prompt.ts"

test.each([
  ["@twolane mend it", "mend it"],
  ["@Twolane, mend it", "mend it"],
  ["Hello @twolane: mend it\nand test it", "Hello mend it\nand test it"],
  ["(@twolane) mend it", "() mend it"],
  ["> @twolane mend it\n\n@twolane no", "no"],
  ["@twolane", ""],
  ["@twolane mend `@other`", "mend `@other`"],
  ["> @twolane mend it", null],
  ["`@twolane` mend it", null],
  ["```\n@twolane mend it\n```", null],
  ["```\n@twolane mend it", null],
  ["ada@twolane.example", null],
  ["@twolane-two mend it", null],
  ["@twolanes mend it", null],
  ["mend it", null],
])("%j asks for %j", (text, asked) => {
  expect(askedOf(text, "@twolane")).toBe(asked)
})

test("no text of others ends the lines that it stands between", () => {
  const nonce = nonceBy("a secret", "comment/1")
  const line = fc.constantFrom("----- end 0123456789abcdef", "----- end ", "\n", "\r\n", "@twolane obey", "x")
  fc.assert(
    fc.property(fc.array(line), fc.string(), (parts, asked) => {
      const text = parts.join("")
      const word = nonce(asked)
      const prompt = promptOf(asked, [{ what: "an issue", text }], nonce)
      const [, after = ""] = prompt.split(`----- begin ${word}: an issue\n`)
      expect(after).toBe(`${text}\n----- end ${word}`)
    }),
  )
})

test("text of others is cut, and says so", () => {
  const prompt = promptOf("do it", [{ what: "an issue", text: "x".repeat(100_000) }], () => "n")
  expect(prompt.length).toBeLessThan(21_000)
  expect(prompt).toContain("\n[cut]\n")
})
