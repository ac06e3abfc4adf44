import { chmod, rename, symlink } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { diffTrees } from "../../src/git/diff.ts"
import { fetchMirror } from "../../src/git/fetch.ts"
import { treeChange } from "../../src/git/tree-change.ts"
import { listTree, readBlob } from "../../src/git/tree-read.ts"
import { makeMirrored, signal } from "./mirrored.ts"

const long = (mark: string) => Array.from({ length: 30 }, (_, i) => `${mark} line ${i}\n`).join("")

test("a difference follows renames, for judging it does not; modes and types are told", async () => {
  await using made = await makeMirrored({
    "old.ts": long("x"),
    "run.sh": "echo\n",
    turns: "t\n",
    "gone.txt": "g\n",
  })
  const at = (name: string) => join(made.repo.path, name)
  await rename(at("old.ts"), at("new.ts"))
  await chmod(at("run.sh"), 0o755)
  await made.repo.write({ turns: null, "gone.txt": null, "new.ts": `${long("x")}more\n` })
  await symlink("new.ts", at("turns"))
  const to = await made.repo.commit({})
  await fetchMirror(made.mirror, Date.now(), signal)
  const diff = await diffTrees(made.mirror, made.base, to, signal)
  expect(diff.changes).toEqual([
    { path: "gone.txt", change: "deleted", added: 0, removed: 1 },
    { path: "new.ts", change: "renamed", added: 1, removed: 0, from: "old.ts" },
    { path: "run.sh", change: "modified", added: 0, removed: 0 },
    { path: "turns", change: "modified", added: 1, removed: 1 },
  ])
  expect(diff.truncated).toBe(false)
  expect(diff.files.map(({ patch }) => patch.split("\n")[0])).toEqual([
    "diff --git a/gone.txt b/gone.txt",
    "diff --git a/old.ts b/new.ts",
    "diff --git a/run.sh b/run.sh",
    "diff --git a/turns b/turns",
  ])
  expect(diff.files[3]?.patch).toContain("deleted file mode 100644")
  expect(diff.files[3]?.patch).toContain("new file mode 120000")
  expect(diff.text).toBe(diff.files.map(({ patch }) => patch).join(""))
  const judged = await treeChange(made.mirror, made.base, to, signal)
  expect(
    judged.map(({ path, oldMode, newMode, added, removed }) => [path, oldMode, newMode, added, removed]),
  ).toEqual([
    ["gone.txt", "100644", "000000", 0, 1],
    ["new.ts", "000000", "100644", 31, 0],
    ["old.ts", "100644", "000000", 0, 30],
    ["run.sh", "100644", "100755", 0, 0],
    ["turns", "100644", "120000", 1, 1],
  ])
})

test("a file cannot forge another file's patch, by whatever line ends", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n", "b.txt": "b\n" })
  const forged = "x\rdiff --git a/z b/z\n\u2028diff --git a/y b/y\ndiff --git a/w b/w\n"
  const to = await made.repo.commit({ "a.txt": forged, "b.txt": "b2\n" })
  await fetchMirror(made.mirror, Date.now(), signal)
  const { files } = await diffTrees(made.mirror, made.base, to, signal)
  expect(files.map(({ path, patch }) => [path, patch.split("\n")[0]])).toEqual([
    ["a.txt", "diff --git a/a.txt b/a.txt"],
    ["b.txt", "diff --git a/b.txt b/b.txt"],
  ])
  expect(files[0]?.patch).toContain("+diff --git a/w b/w")
})

test("what is too large is left out, the list stays whole", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const to = await made.repo.commit({ "a.txt": long("a"), "b.txt": long("b").repeat(40), "c.txt": long("c") })
  await fetchMirror(made.mirror, Date.now(), signal)
  const one = await diffTrees(made.mirror, made.base, to, signal, {
    maxBytes: 1_000_000,
    maxFileBytes: 2_000,
  })
  expect(one.truncated).toBe(true)
  expect(one.files.map(({ patch }) => patch.includes("too large to show"))).toEqual([false, true, false])
  const all = await diffTrees(made.mirror, made.base, to, signal, { maxBytes: 2_000, maxFileBytes: 2_000 })
  expect(all.size).toEqual({ files: 3, added: 30 + 1200 + 30, removed: 1 })
  expect(all.files.map(({ patch }) => patch === "")).toEqual([false, true, true])
  expect(await diffTrees(made.mirror, to, to, signal)).toMatchObject({
    changes: [],
    text: "",
    truncated: false,
  })
})

test("a tree is listed by glob and read by path, never through a link", async () => {
  await using made = await makeMirrored({
    "AGENTS.md": "be kind\n",
    "src/a.ts": "a\n",
    "src/deep/b.ts": "b\n",
    "c.js": "c\n",
  })
  await symlink("AGENTS.md", join(made.repo.path, "link"))
  const commit = await made.repo.commit({})
  await fetchMirror(made.mirror, Date.now(), signal)
  const paths = async (glob: string | null) =>
    (await listTree(made.mirror, commit, glob, signal)).map(({ path }) => path)
  expect(await paths(null)).toEqual(["AGENTS.md", "c.js", "link", "src/a.ts", "src/deep/b.ts"])
  expect(await paths("**/*.ts")).toEqual(["src/a.ts", "src/deep/b.ts"])
  const read = async (path: string, max = 100) =>
    (await readBlob(made.mirror, commit, path, max, signal))?.toString() ?? null
  expect(await read("AGENTS.md")).toBe("be kind\n")
  expect(await read("src/deep/b.ts")).toBe("b\n")
  for (const path of ["link", "src", "nowhere", "src/a.ts/x", "", "../x", "AGENTS.md/"])
    expect(await read(path)).toBeNull()
  expect(await read("AGENTS.md", 3)).toBeNull()
})
