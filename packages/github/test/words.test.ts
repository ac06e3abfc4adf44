import fc from "fast-check"
import { expect, test } from "vitest"
import { fenced, inline } from "../src/markdown.ts"
import { hostOfApi, repositoryOf } from "../src/source.ts"

test("no text ends the fence that it stands in", () => {
  const runs = fc.array(
    fc.constantFrom("`", "```", "~~~", "\n", "@octocat ", "closes #1", "<!-- -->", "\u202e"),
  )
  fc.assert(
    fc.property(runs, parts => {
      const lines = fenced(parts.join(""), 1_000).split("\n")
      const fence = lines[0]?.replace(/text$/, "") ?? ""
      expect(fence).toMatch(/^`{3,}$/)
      expect(lines.at(-1)).toBe(fence)
      for (const line of lines.slice(1, -1)) expect(line).not.toContain(fence)
    }),
  )
})

const nasty = fc.constantFrom("`", "|", "\n", "\r", "\u2028", "\u202e", "\0", "<!--", "@ada ", "😀")

test("a text on one line stays on it, and in its code and its cell", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), nasty)), parts => {
      const shown = inline(parts.join(""))
      expect(shown).toMatch(/^(?:`[^`|\n\r]+`)?$/)
    }),
  )
  expect(inline("a `b` | c\nd")).toBe("`a 'b' ¦ c d`")
})

test.each([
  ["https://github.com/acme/shop", "https://api.github.com", { owner: "acme", name: "shop" }],
  ["https://github.com/acme/shop.git", "https://api.github.com", { owner: "acme", name: "shop" }],
  ["git@github.com:acme/shop.git", "https://api.github.com", { owner: "acme", name: "shop" }],
  ["ssh://git@github.com/acme/shop.js.git", "https://api.github.com", { owner: "acme", name: "shop.js" }],
  ["https://git.example.com/acme/shop", "https://git.example.com/api/v3", { owner: "acme", name: "shop" }],
  ["https://acme.ghe.com/acme/shop", "https://api.acme.ghe.com", { owner: "acme", name: "shop" }],
  ["https://github.com.evil.example/acme/shop", "https://api.github.com", null],
  ["https://github.com/acme/shop/tree/main", "https://api.github.com", null],
  ["https://gitlab.com/acme/shop", "https://api.github.com", null],
  ["/srv/acme/shop", "https://api.github.com", null],
  ["git@github.com:shop", "https://api.github.com", null],
])("%s at %s", (source, api, repository) => {
  expect(repositoryOf(source, api)).toEqual(repository)
})

test("the host of an API is the one whose repositories it serves", () => {
  expect(["https://api.github.com", "https://git.corp/api/v3"].map(hostOfApi)).toEqual([
    "github.com",
    "git.corp",
  ])
})
