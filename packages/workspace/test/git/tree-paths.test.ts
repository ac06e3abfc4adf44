import fc from "fast-check"
import { expect, test } from "vitest"
import { isDotGit, pathBytes, pathText, symlinkProblem, treePathProblem } from "../../src/git/tree-paths.ts"

test.each([
  ".git",
  ".GIT",
  ".gIt",
  "git~1",
  "GIT~1",
  ".git.",
  ".git ",
  ".git . .",
  ".git::$INDEX_ALLOCATION",
  ".g\u200cit",
  ".git\ufeff",
  ".git\\x",
])("%j is .git for some file system", name => {
  expect(isDotGit(name)).toBe(true)
  expect(treePathProblem(`a/${name}/config`)).not.toBeNull()
})

test.each([".gitignore", ".github", "git", ".gi", "xgit~1", "my.git", "a\\b", "a\nb", "é", "-rf", "a b"])(
  "%j may stand in a tree",
  name => {
    expect(treePathProblem(`a/${name}`)).toBeNull()
  },
)

test.each(["", "/a", "a/", "a//b", "./a", "a/..", "a\0b", "x".repeat(256), `${"a/".repeat(2_500)}b`])(
  "a path like %.20j may not",
  path => {
    expect(treePathProblem(path)).not.toBeNull()
  },
)

test.each([
  ["a", "b"],
  ["a/b", "../c"],
  ["a/b/c", "../../d/./e"],
  ["a", "."],
  ["a/b", ".."],
])("a symlink %s -> %s stays within the tree", (path, target) => {
  expect(symlinkProblem(path, target)).toBeNull()
})

test.each([
  ["a", "/etc/passwd"],
  ["a", ".."],
  ["a", "../x"],
  ["a/b", "../../x"],
  ["a", "d/d/d/../../.."],
  ["a", ""],
  ["a", "x\0y"],
  ["a/b", "../.git/config"],
  [".gitmodules", "x"],
  ["x/.gitattributes", "y"],
])("a symlink %s -> %s is refused", (path, target) => {
  expect(symlinkProblem(path, target)).not.toBeNull()
})

test("a symlink that we take never climbs above the root, whatever other such links it goes through", () => {
  const part = fc.constantFrom("..", ".", "a", "b", "")
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.integer({ min: 0, max: 3 }), (parts, depth) => {
      const path = [...Array(depth).fill("f"), "link"].join("/")
      if (symlinkProblem(path, parts.join("/")) !== null) return
      // The worst case: every name leads back to the root.
      let at = depth
      for (const each of parts) {
        if (each === "..") at -= 1
        else if (each === "a" || each === "b") at = 0
        expect(at).toBeGreaterThanOrEqual(0)
      }
    }),
    { numRuns: 3_000 },
  )
})

test("paths come back from their bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), text => {
      expect(pathText(pathBytes(text))).toBe(text.toWellFormed())
    }),
  )
})
