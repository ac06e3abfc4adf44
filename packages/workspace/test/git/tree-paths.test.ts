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

test.each([".gitmodules", "x/.gitattributes", ".GITIGNORE", ".g\u200citmodules"])(
  "a symlink %j is refused",
  path => {
    expect(symlinkProblem(path)).not.toBeNull()
    expect(symlinkProblem(`${path}/plain`)).toBeNull()
  },
)

test("paths come back from their bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), text => {
      expect(pathText(pathBytes(text))).toBe(text.toWellFormed())
    }),
  )
})
