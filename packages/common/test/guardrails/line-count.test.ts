import { cpuMsOf } from "@twolane/testkit/cpu-time"
import fc from "fast-check"
import { expect, test } from "vitest"
import { changedFile, pairRenames } from "../../src/guardrails/changed-file.ts"
import { countChangedLines } from "../../src/guardrails/line-count.ts"
import { diffLines } from "../patch/render.ts"

const cut = (text: string) => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

test("it counts as the shortest edit does", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c", "\n", "a\n", "b\n"), { maxLength: 30 })
    .map(all => all.join(""))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines([...cut(before)], [...cut(after)])
      const count = (kind: string) => lines.filter(line => line.kind === kind).length
      expect(countChangedLines(before, after)).toEqual({ added: count("add"), removed: count("remove") })
    }),
    { numRuns: 1_000 },
  )
})

test("a change of every line end counts every line", () => {
  const text = "a\nb\nc\n"
  expect(countChangedLines(text, text.replaceAll("\n", "\r\n"))).toEqual({ added: 3, removed: 3 })
})

test("two large unlike texts are counted in bounded time", () => {
  const lines = (prefix: string) => Array.from({ length: 50_000 }, (_, n) => `${prefix}${n}\n`).join("")
  const cpuMs = cpuMsOf(() => {
    expect(countChangedLines(lines("a"), lines("b"))).toEqual({ added: 50_000, removed: 50_000 })
  })
  expect(cpuMs).toBeLessThan(2_000)
})

test("a deleted and an added file of mostly the same text are one renamed file", () => {
  const before = "1\n2\n3\n4\n5\n"
  const files = [
    changedFile({ path: "old/a.ts", before, after: null }),
    changedFile({ path: "new/a.ts", before: null, after: before.replace("3", "three") }),
    changedFile({ path: "b.ts", before: "x\n", after: null }),
    changedFile({ path: "c.ts", before: null, after: "y\n" }),
  ]
  expect(pairRenames(files)).toEqual([
    {
      path: "new/a.ts",
      from: "old/a.ts",
      change: "renamed",
      before,
      after: "1\n2\nthree\n4\n5\n",
      added: 1,
      removed: 1,
    },
    files[2],
    files[3],
  ])
})
