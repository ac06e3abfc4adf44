import { cpuMsOf } from "@twolane/testkit/cpu-time"
import fc from "fast-check"
import picomatch from "picomatch"
import { expect, test } from "vitest"
import { globMatcher, refuseGlob } from "../../src/guardrails/glob.ts"

const matches = (globs: string[], path: string) => globMatcher(globs)(path)

test.each<[string[], string, boolean]>([
  [["**"], "a/.b/c", true],
  [["src/**"], "src/a/b.ts", true],
  [["src/**"], "src", true],
  [["src/**"], "srcs/a", false],
  [["*.ts"], "a.ts", true],
  [["*.ts"], "src/a.ts", false],
  [["**/*.ts"], "a.ts", true],
  [["**/*.{ts,tsx}"], "a/b.tsx", true],
  [["a/**/b"], "a/b", true],
  [["a/**/b"], "a/x/y/b", true],
  [["**/test/**"], "a/test/b/c", true],
  [["src"], "src/deep/file", true],
  [["src/"], "src/deep/file", true],
  [["app/[id]"], "app/[id]/page.tsx", true],
  [["app/[id]/x"], "app/i/x", true],
  [["a[!b]c"], "axc", true],
  [["a[!b]c"], "abc", false],
  [["a?c"], "abc", true],
  [["a\\*"], "a*", true],
  [["a\\*"], "ab", false],
  [["src/**", "!src/secret/**"], "src/a", true],
  [["src/**", "!src/secret/**"], "src/secret/a", false],
  [["!docs/**"], "src/a", true],
  [["!docs/**"], "docs/a", false],
  [[], "a", false],
  [["{a,b/{c,d}}/x"], "b/d/x", true],
  [["{a}"], "{a}", true],
])("%j on %s is %s", (globs, path, expected) => {
  expect(matches(globs, path)).toBe(expected)
})

test("it agrees with picomatch on common globs", () => {
  const segment = fc.constantFrom(
    "a",
    "b",
    "ab",
    ".a",
    "*",
    "**",
    "a*",
    "*b",
    "?",
    "[ab]",
    "[^a]",
    "{a,b}",
    "*.ts",
    ".*",
  )
  const name = fc.constantFrom("a", "b", "ab", ".a", "a.ts", "abb", "c")
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 4 }),
      fc.array(name, { minLength: 1, maxLength: 5 }),
      (globs, names) => {
        const glob = globs.join("/")
        const path = names.join("/")
        // Of `a/**` on `a` picomatch says yes, of `*/**` no: ours says yes to both.
        fc.pre(globs.at(-1) !== "**" || names.length >= globs.length)
        // Ours also takes a folder's name for all below it: compare only where that makes no difference.
        const literal = path.startsWith(`${glob}/`)
        expect(literal || matches([glob], path)).toBe(literal || picomatch.isMatch(path, glob, { dot: true }))
      },
    ),
    { numRuns: 3_000 },
  )
})

test("a hostile pattern costs no more than any other", () => {
  const cpuMs = cpuMsOf(() => {
    expect(matches([`${"*a".repeat(120)}b`], "a".repeat(255))).toBe(false)
    expect(matches([`${"**/a/".repeat(100)}b`], `${"a/".repeat(2_000)}c`)).toBe(false)
  })
  expect(cpuMs).toBeLessThan(1_000)
})

test.each(["", "!", "/etc", "../a", "a/../b", "./a", "{a,b}".repeat(8), "a".repeat(1_001)])(
  "%j is refused",
  glob => {
    expect(refuseGlob(glob)).not.toBeNull()
  },
)
