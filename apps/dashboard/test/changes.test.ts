import type { FileChange } from "@twolane/protocol"
import { expect, test } from "vitest"
import { promptOf } from "../src/views/task/changes/comments.ts"
import { filesInOrder, treeOf } from "../src/views/task/changes/tree.ts"

const file = (path: string): FileChange => ({ path, change: "modified", added: 1, removed: 0 })

test("a change's files are a tree: folders first, and those with one child joined", () => {
  const tree = treeOf(["z.ts", "src/a/b/one.ts", "src/a/b/two.ts", "a.ts", "lib/x.ts"].map(file))
  expect(tree).toMatchObject([
    { kind: "folder", name: "lib", children: [{ name: "x.ts" }] },
    { kind: "folder", name: "src/a/b", children: [{ name: "one.ts" }, { name: "two.ts" }] },
    { kind: "file", name: "a.ts" },
    { kind: "file", name: "z.ts" },
  ])
  expect(filesInOrder(tree).map(({ path }) => path)).toEqual([
    "lib/x.ts",
    "src/a/b/one.ts",
    "src/a/b/two.ts",
    "a.ts",
    "z.ts",
  ])
})

test("numbers in names count as numbers", () => {
  const tree = treeOf(["part-10.ts", "part-9.ts", "v2/a.ts", "v11/a.ts"].map(file))
  expect(filesInOrder(tree).map(({ path }) => path)).toEqual([
    "v2/a.ts",
    "v11/a.ts",
    "part-9.ts",
    "part-10.ts",
  ])
})

test("comments become a prompt that names and quotes their lines", () => {
  const line = { path: "src/a.ts", key: "I3", side: "new" as const, line: 3, text: "  const a = 1" }
  expect(
    promptOf(
      [
        { ...line, words: "Call it b. " },
        { ...line, side: "old", line: 9, words: "Keep this." },
      ],
      "Then run the tests.",
    ),
  ).toBe(
    "Then run the tests.\n\nsrc/a.ts:3\n> const a = 1\nCall it b.\n\nsrc/a.ts:9 (before the change)\n> const a = 1\nKeep this.",
  )
})
