import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { runGit } from "@twolane/testkit"
import fc from "fast-check"
import { expect, test } from "vitest"
import { fetchMirror } from "../../src/git/fetch.ts"
import { checkpointRef } from "../../src/git/refs.ts"
import { treeChange } from "../../src/git/tree-change.ts"
import { listTree, readBlob } from "../../src/git/tree-read.ts"
import { makeMirrored, signal } from "./mirrored.ts"

import { saved, saver, task } from "./saver.ts"

test("a checkpoint is the parent's tree with the changed paths, under its ref", async () => {
  await using made = await makeMirrored({
    "a.txt": "a\n",
    "src/b.ts": "b\n",
    "src/deep/c.ts": "c\n",
    "run.sh": "#!/bin/sh\n",
  })
  const { file, absent, save } = await saver(made)
  const first = await save(made.base, [
    await file("a.txt", "a\nmore\n"),
    await file("src/new/d.ts", "d\n", true),
    absent("src/deep/c.ts"),
    { path: "src/link", kind: "symlink", target: "b.ts" },
  ])
  expect(first.refused).toEqual([])
  const one = saved(first.saved)
  expect(one.files).toEqual([
    { path: "a.txt", change: "modified", added: 1, removed: 0 },
    { path: "src/deep/c.ts", change: "deleted", added: 0, removed: 1 },
    { path: "src/link", change: "added", added: 1, removed: 0 },
    { path: "src/new/d.ts", change: "added", added: 1, removed: 0 },
  ])
  expect(one.whole).toEqual({ files: 4, added: 3, removed: 1 })
  expect(one.diff).toContain("+more\n")
  expect(
    (await listTree(made.mirror, one.sha, null, signal)).map(({ path, mode }) => `${mode} ${path}`),
  ).toEqual(["100644 a.txt", "100755 run.sh", "100644 src/b.ts", "120000 src/link", "100755 src/new/d.ts"])
  const second = saved(
    (await save(one.sha, [await file("a.txt", "a\n"), await file("src/b.ts", "b2\n")])).saved,
  )
  expect(second.files.map(({ path }) => path)).toEqual(["a.txt", "src/b.ts"])
  expect(second.whole).toEqual({ files: 4, added: 3, removed: 2 })
  expect(await runGit(made.mirror.dir, ["rev-parse", checkpointRef(task, 1, 2)])).toBe(second.sha)
  expect(await runGit(made.mirror.dir, ["rev-parse", `${second.sha}^`])).toBe(one.sha)
  expect(await runGit(made.mirror.dir, ["fsck", "--strict", "--no-dangling"])).toBe("")
})

test("nothing changed, nothing saved; all deleted is the empty tree", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n", "b/c.txt": "c\n" })
  const { file, absent, save } = await saver(made)
  expect(await save(made.base, [])).toEqual({ saved: null, refused: [] })
  expect(await save(made.base, [await file("a.txt", "a\n"), absent("nowhere/x")])).toEqual({
    saved: null,
    refused: [],
  })
  const empty = saved((await save(made.base, [absent("a.txt"), absent("b")])).saved)
  expect(empty.tree).toBe("4b825dc642cb6eb9a060e54bf8d69288fbee4904")
  expect(empty.whole).toEqual({ files: 2, added: 0, removed: 2 })
})

test("files become folders and folders files", async () => {
  await using made = await makeMirrored({ "was-file": "f\n", "was-dir/x": "x\n", "was-dir/y": "y\n" })
  const { file, absent, save } = await saver(made)
  const changed = [
    absent("was-file"),
    await file("was-file/inner", "i\n"),
    absent("was-dir/x"),
    absent("was-dir/y"),
    await file("was-dir", "now a file\n"),
  ]
  const { sha } = saved((await save(made.base, changed)).saved)
  expect((await listTree(made.mirror, sha, null, signal)).map(({ path }) => path)).toEqual([
    "was-dir",
    "was-file/inner",
  ])
})

test("what no tree can hold is left out and told; links are there to be judged", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  await made.repo.git("update-index", "--add", "--cacheinfo", `160000,${made.base},sub`)
  await made.repo.git("commit", "--quiet", "-m", "sub")
  await fetchMirror(made.mirror, Date.now(), signal)
  const { file, absent, save } = await saver(made)
  const parent = await made.repo.sha()
  const { saved: done, refused } = await save(parent, [
    await file("good.txt", "good\n"),
    await file("nested/.git/config", "[core]\n"),
    await file("nested/.GIT/config", "[core]\n"),
    await file("nested/git~1/config", "[core]\n"),
    await file("../up", "up\n"),
    await file("/abs", "abs\n"),
    await file("sub/file", "in sub\n"),
    absent("sub/gone"),
    { path: "out", kind: "symlink", target: "/etc/passwd" },
    { path: ".gitmodules", kind: "symlink", target: "a.txt" },
    { path: "pipe", kind: "refused", reason: "it is a pipe" },
  ])
  const left = [
    "../up",
    "/abs",
    "nested/.GIT/config",
    "nested/.git/config",
    "nested/git~1/config",
    "sub",
    ".gitmodules",
    "pipe",
  ]
  expect(refused.map(({ path }) => path).sort()).toEqual(left.sort())
  const changes = await treeChange(made.mirror, parent, saved(done).sha, signal)
  expect(changes.map(({ path, newMode }) => [path, newMode])).toEqual([
    ["good.txt", "100644"],
    ["out", "120000"],
  ])
})

test("odd names, binary and non-UTF-8 contents, and untouched non-UTF-8 names come through whole", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const weird = Buffer.from([0x62, 0xff, 0xfe, 0x2e, 0x74])
  const blob = await made.repo.git("hash-object", "-w", "a.txt")
  execFileSync("git", ["update-index", "-z", "--index-info"], {
    cwd: made.repo.path,
    input: Buffer.concat([Buffer.from(`100644 ${blob}\tdir/`), weird, Buffer.from("\0")]),
  })
  await made.repo.git("commit", "--quiet", "-m", "weird")
  await fetchMirror(made.mirror, Date.now(), signal)
  const { file, save } = await saver(made)
  const names = ["-rf", "a\nb", "dir/ü €", 'q"uote', "tab\t", "back\\slash", "dir/--exec=x", ":(glob)*", "🙂"]
  const latin1 = Buffer.from([0xe9, 0x0a])
  const changed = await Promise.all(names.map(name => file(name, `${name}\n`)))
  changed.push(await file("bin", Buffer.from([0, 1, 2, 255])), await file("latin1.txt", latin1))
  const { sha, files, diff } = saved((await save(await made.repo.sha(), changed)).saved)
  expect(files.map(({ path }) => path).sort()).toEqual([...names, "bin", "latin1.txt"].sort())
  expect(files.find(({ path }) => path === "bin")).toEqual({
    path: "bin",
    change: "added",
    added: 0,
    removed: 0,
    binary: true,
  })
  expect(diff).toContain("Binary files /dev/null and b/bin differ")
  for (const name of names)
    expect((await readBlob(made.mirror, sha, name, 100, signal))?.toString()).toBe(`${name}\n`)
  expect(await readBlob(made.mirror, sha, "latin1.txt", 100, signal)).toEqual(latin1)
  const bytes = execFileSync("git", ["ls-tree", "-r", "-z", "--name-only", sha], { cwd: made.mirror.dir })
  expect(bytes.includes(weird)).toBe(true)
})

test("line ends and attributes do not change what is saved, nor hide it", async () => {
  await using made = await makeMirrored({
    ".gitattributes": "*.txt text eol=crlf -diff\n*.lock binary\n",
    "a.txt": "a\n",
  })
  const { file, save } = await saver(made)
  const changed = [
    await file("b.txt", "x\r\ny\r\n"),
    await file("a.txt", "changed\n"),
    await file("c.lock", "c\n"),
  ]
  const { sha, files, diff } = saved((await save(made.base, changed)).saved)
  expect((await readBlob(made.mirror, sha, "b.txt", 100, signal))?.toString()).toBe("x\r\ny\r\n")
  expect(files.every(({ binary }) => !binary)).toBe(true)
  expect(diff).toContain("+changed\n")
})

test("any edits give the tree that git itself makes of them", async () => {
  await using made = await makeMirrored({
    "a/b/c": "1\n",
    "a/d": "2\n",
    e: "3\n",
    "f.g": "4\n",
    "f/h": "5\n",
  })
  const { file, absent, save } = await saver(made)
  const path = fc.constantFrom("a/b/c", "a/b/x", "a/d", "e", "f.g", "f/h", "f/i/j", "f-k", "z")
  const edits = fc.uniqueArray(fc.record({ path, content: fc.option(fc.constantFrom("1\n", "n\n")) }), {
    selector: ({ path }) => path,
    maxLength: 6,
  })
  const index = join(made.dataDir, "index")
  const git = (args: string[], input = "") =>
    execFileSync("git", args, { cwd: made.mirror.dir, input, env: { ...process.env, GIT_INDEX_FILE: index } })
      .toString()
      .trim()
  await fc.assert(
    fc.asyncProperty(edits, async changes => {
      const changed = await Promise.all(
        changes.map(async ({ path, content }) =>
          content === null ? absent(path) : await file(path, content),
        ),
      )
      const { saved: done, refused } = await save(made.base, changed)
      expect(refused).toEqual([])
      git(["read-tree", made.base])
      const lines = changes.map(({ path, content }) => {
        const sha = content === null ? "0".repeat(40) : git(["hash-object", "-w", "--stdin"], content)
        return `${content === null ? "0" : "100644"} ${sha}\t${path}\n`
      })
      git(["update-index", "--index-info"], lines.join(""))
      expect(done?.tree ?? git(["rev-parse", `${made.base}^{tree}`])).toBe(git(["write-tree"]))
    }),
    { numRuns: 25 },
  )
})
