import { expect, test } from "vitest"
import { withoutObjectNames } from "../../src/show/diff.ts"

test("a patch loses its lines of object names, and nothing that a file says", () => {
  const head = "diff --git a/a.js b/a.js\nold mode 100644\nnew mode 100755\n"
  const body = "--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n index 12ab..34cd\n-index 12ab..34cd\n+two\n"
  expect(withoutObjectNames(`${head}index 12ab..34cd\n${body}`)).toBe(`${head}${body}`)
})
