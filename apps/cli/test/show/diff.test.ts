import { expect, test } from "vitest"
import { diffPieces, withoutObjectNames } from "../../src/show/diff.ts"

test("a patch loses its lines of object names, and nothing that a file says", () => {
  const head = "diff --git a/a.js b/a.js\nold mode 100644\nnew mode 100755\n"
  const body = "--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n index 12ab..34cd\n-index 12ab..34cd\n+two\n"
  expect(withoutObjectNames(`${head}index 12ab..34cd\n${body}`)).toBe(`${head}${body}`)
})

test("names and lines of a patch reach a terminal without what it would act on", () => {
  const hostile = "\u001b[2J\u001b]8;;https://evil.example\u0007ok\u001b]52;c;aGk=\u0007\u202e\u009b31m\r"
  const patch = [
    `diff --git a/${hostile} b/${hostile}`,
    `--- a/${hostile}`,
    `+++ b/${hostile}`,
    `@@ -1 +1 @@ ${hostile}`,
    `-${hostile}`,
    `+${hostile}`,
    "",
  ].join("\n")
  const shown = diffPieces(patch).map(piece => (piece.kind === "line" ? piece.text : ""))
  expect(shown.length).toBeGreaterThanOrEqual(6)
  expect(shown.join("")).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
})
