import { cpuMsOf } from "@twolane/testkit/cpu-time"
import { expect, test } from "vitest"
import { applyPatch } from "../../src/patch/apply.ts"
import { parsePatch } from "../../src/patch/parse.ts"

function plan(files: Record<string, string>, ...lines: string[]) {
  const parsed = parsePatch(["*** Begin Patch", ...lines, "*** End Patch"].join("\n"))
  if (!parsed.ok) return parsed
  return applyPatch(parsed.patch, path => files[path] ?? null)
}
const updated = (before: string, ...lines: string[]) => {
  const result = plan({ f: before }, "*** Update File: f", ...lines)
  return result.ok ? result.writes[0]?.text : result.reason
}

test("adds, updates, moves and deletes come out as the final state of each path", () => {
  const result = plan(
    { a: "1\n2\n", b: "x\n", c: "gone\ntoo" },
    "*** Add File: new/d",
    "+hi",
    "*** Update File: a",
    "@@",
    "-2",
    "+two",
    "*** Update File: b",
    "*** Move to: moved/b",
    "@@",
    " x",
    "+y",
    "*** Delete File: c",
  )
  expect(result).toEqual({
    ok: true,
    writes: [
      { path: "new/d", before: null, text: "hi\n", added: 1, removed: 0 },
      { path: "a", before: "1\n2\n", text: "1\ntwo\n", added: 1, removed: 1 },
      { path: "b", before: "x\n", text: null, added: 0, removed: 0 },
      { path: "moved/b", from: "b", before: "x\n", text: "x\ny\n", added: 1, removed: 0 },
      { path: "c", before: "gone\ntoo", text: null, added: 0, removed: 2 },
    ],
  })
})

test("several sections on one file build on each other", () => {
  const result = plan(
    { a: "1\n2\n" },
    "*** Update File: a",
    "-2",
    "+two",
    "*** Update File: a",
    "-1",
    "+one",
    "*** Update File: a",
    "*** Move to: b",
    "*** Update File: b",
    "-one",
    "+ONE",
    "*** Add File: a",
    "+fresh",
  )
  expect(result).toMatchObject({
    ok: true,
    writes: [
      { path: "a", before: "1\n2\n", text: "fresh\n" },
      { path: "b", from: "a", text: "ONE\ntwo\n", added: 3, removed: 3 },
    ],
  })
})

test("a file that is added and deleted again leaves nothing behind", () => {
  expect(plan({}, "*** Add File: a", "+1", "*** Delete File: a", "*** Add File: b", "+2")).toMatchObject({
    writes: [{ path: "b" }],
  })
})

test.each<[string, Record<string, string>, string[], string]>([
  ["an add over a file", { a: "1" }, ["*** Add File: a", "+2"], "exists already"],
  ["a second add of one file", {}, ["*** Add File: a", "+2", "*** Add File: a", "+3"], "exists already"],
  ["the update of no file", {}, ["*** Update File: a", "-1"], "no such file"],
  ["the delete of no file", {}, ["*** Delete File: a"], "no such file"],
  [
    "an update after a delete",
    { a: "1" },
    ["*** Delete File: a", "*** Update File: a", "-1"],
    "no such file",
  ],
  ["a move onto a file", { a: "1", b: "" }, ["*** Update File: a", "*** Move to: b"], "b exists already"],
  ["a path out of the workspace", {}, ["*** Add File: ../a", "+1"], "'..' segment"],
  ["a move out of it", { a: "1" }, ["*** Update File: a", "*** Move to: /etc/a"], "relative"],
  ["a write into .git", {}, ["*** Add File: .GIT/hooks/pre-commit", "+1"], "git folder"],
  ["a file below a file", { a: "1" }, ["*** Add File: a/b", "+1"], "a is a file"],
  ["a file below a new file", {}, ["*** Add File: a/b/c", "+1", "*** Add File: a", "+2"], "a is a file"],
  ["a patch that changes nothing", { a: "1" }, ["*** Update File: a", "-1", "+1"], "changes nothing"],
])("%s is refused, and nothing is planned", (_, files, lines, reason) => {
  expect(plan(files, ...lines)).toEqual({ ok: false, reason: expect.stringContaining(reason) })
})

test("a file can become a folder when it is deleted in the same patch", () => {
  expect(plan({ a: "1" }, "*** Delete File: a", "*** Add File: a/b", "+1")).toMatchObject({ ok: true })
})

test("a hunk goes to the first match after the hunk before it", () => {
  const file = "x\nend\nx\nend\nx\nend\n"
  expect(updated(file, "@@", "-x", "+1", "@@", "-x", "+2")).toBe("1\nend\n2\nend\nx\nend\n")
})

test("anchors lead to the right one of equal places, also in steps", () => {
  const file = "class A\n  def f\n    x\nclass B\n  def f\n    x\n"
  expect(updated(file, "@@ class B", "@@   def f", "-    x", "+    y")).toBe(file.replace(/x\n$/, "y\n"))
  expect(updated(file, "@@ def f", "+    new")).toBe(
    "class A\n  def f\n    new\n    x\nclass B\n  def f\n    x\n",
  )
})

test("an anchor that is repeated as the first line of context is taken", () => {
  expect(updated("a\nb\n", "@@ a", " a", "-b", "+c")).toBe("a\nc\n")
})

test("trailing space, indentation and typographic marks may differ; what is kept stays as the file has it", () => {
  expect(updated("a  \n\tb\nc\n", "@@", " a", "-b", "+B", " c")).toBe("a  \nB\nc\n")
  expect(updated("“a” – b\nc\n", "@@", ' "a" - b', "-c", "+d")).toBe("“a” – b\nd\n")
})

test("an exact match is preferred to an earlier rough one", () => {
  expect(updated("  x\nx\n", "@@", "-x", "+y")).toBe("  x\ny\n")
})

test("'*** End of File' pins a hunk to the end", () => {
  expect(updated("x\nx\n", "@@", "-x", "+y", "*** End of File")).toBe("x\ny\n")
  expect(updated("x\nz\n", "@@", "-x", "+y", "*** End of File")).toContain("not at the end of the file")
})

test("lines that are only added go to the end of the file", () => {
  expect(updated("a\n", "@@", "+b")).toBe("a\nb\n")
  expect(updated("a", "@@", "+b")).toBe("a\nb")
  expect(updated("", "@@", "+b")).toBe("b\n")
})

test("a missing final newline stays missing, and a hunk can add or remove it", () => {
  expect(updated("a\nb", "@@", "-b", "+c")).toBe("a\nc")
  expect(updated("a\nb", "@@", " b", "+", "*** End of File")).toBe("a\nb\n")
  expect(updated("a\nb\n", "@@", " b", "-", "*** End of File")).toBe("a\nb")
})

test("CRLF files keep CRLF, and lines of a mixed file that are not touched stay as they are", () => {
  expect(updated("a\r\nb\r\n", "@@", " a", "-b", "+c", "+d")).toBe("a\r\nc\r\nd\r\n")
  expect(updated("a\r\nb\nc\n", "@@", "-c", "+C")).toBe("a\r\nb\nC\n")
  expect(updated("a\r\nb\r\n", "@@", " a\r", "+c\r")).toBe("a\r\nc\r\nb\r\n")
})

test("a blank line left behind a hunk does no harm", () => {
  expect(updated("a\nb\n", "@@", "-a", "+c", "", "@@", "-b", "+d", "")).toBe("c\nd\n")
})

test.each<[string, string[], string]>([
  ["a wrong line", ["@@", " a", "-x"], "where it expects 'x' (line 2), the file has 'b'"],
  ["lines past the end", ["@@", " c", " d", "-e"], "where it expects 'd' (line 4), the file has ''"],
  ["a line that is nowhere", ["@@", "-zzz"], "the file has no line 'zzz'"],
  ["an anchor that is nowhere", ["@@ zzz", "-a"], "the file has no line that is 'zzz'"],
  ["line numbers for an anchor", ["@@ -1,2 +1,2 @@", "-a"], "no line numbers"],
  ["hunks out of order", ["@@", "-c", "+C", "@@", "-a", "+A"], "stand at line 1 only"],
  ["anchors out of order", ["@@ c", "@@ a", "-b"], "It has one before"],
])("%s is refused with a reason that helps", (_, lines, reason) => {
  expect(updated("a\nb\nc\n", ...lines)).toContain(reason)
})

test("a hostile patch on a file of equal lines is judged in linear time", () => {
  const file = "a\n".repeat(100_000)
  const cpuMs = cpuMsOf(() => {
    expect(updated(file, "@@", ...Array<string>(50_000).fill(" a"), "-b")).toContain("does not match")
  })
  expect(cpuMs).toBeLessThan(2_000)
})
