import { execFileSync } from "node:child_process"
import fc from "fast-check"
import { expect, test } from "vitest"
import { checkpointRef, isRefName, isSha, taskBranchRef } from "../../src/git/refs.ts"

const awkward = fc.constantFrom(
  ..."a B / . .. @ { @{ - ~ ^ : ? * [ \\ .lock é _ + # refs/heads/".split(" "),
  ...Array.of(" ", "\n", "\0", "\t", "\u007f"),
)

test("a ref name that we take is one that git takes", () => {
  const taken = new Set<string>()
  fc.assert(
    fc.property(fc.array(awkward, { minLength: 1, maxLength: 6 }), parts => {
      const name = parts.join("")
      if (isRefName(name)) taken.add(name)
    }),
    { numRuns: 3_000 },
  )
  expect(taken.size).toBeGreaterThan(50)
  for (const name of [...taken].slice(0, 60))
    expect(execFileSync("git", ["check-ref-format", "--branch", name], { encoding: "utf8" })).toBe(
      `${name}\n`,
    )
})

test.each([
  "--upload-pack=touch /tmp/x",
  "-c",
  "HEAD~1",
  "a..b",
  "a@{1}",
  "@",
  "a.lock",
  "a/.b",
  "a//b",
  "/a",
  "a/",
  "a b",
  "a\nb",
  "main:README",
  "",
  "\ud800",
])("%j is no ref name", name => {
  expect(isRefName(name)).toBe(false)
})

test.each(["main", "feature/x", "v1.0", "ünï", "a#1", "release-1.x"])("%s is a ref name", name => {
  expect(isRefName(name)).toBe(true)
})

test("only whole object names are SHAs", () => {
  expect(isSha("a".repeat(40))).toBe(true)
  expect(isSha("a".repeat(64))).toBe(true)
  for (const text of ["a".repeat(39), "A".repeat(40), `${"a".repeat(40)}\n`, `-${"a".repeat(39)}`])
    expect(isSha(text)).toBe(false)
})

test("our refs are made of our alphabet only", () => {
  expect(checkpointRef("task_0a", 3, 12)).toBe("refs/twolane/task_0a/3/12")
  expect(taskBranchRef("task_0a")).toBe("refs/heads/twolane/task_0a")
  for (const task of ["../x", "a/b", "a b", "", "-x", "a.lock"])
    expect(() => taskBranchRef(task)).toThrow("not a part")
  for (const n of [-1, 1.5, Number.NaN]) expect(() => checkpointRef("task_0a", n, 1)).toThrow("not a number")
})
