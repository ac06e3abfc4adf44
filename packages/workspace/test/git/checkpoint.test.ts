import { execFileSync } from "node:child_process"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { makeTempFolder, runGit } from "@twolane/testkit"
import fc from "fast-check"
import { expect, test } from "vitest"
import { type ChangedPath, saveCheckpoint } from "../../src/git/checkpoint.ts"
import { fetchMirror } from "../../src/git/fetch.ts"
import { openMirror } from "../../src/git/mirror.ts"
import { exportPack, importPack, judgeChange } from "../../src/git/pack.ts"
import { checkpointRef } from "../../src/git/refs.ts"
import { hasCommit } from "../../src/git/resolve.ts"
import { treeChange } from "../../src/git/tree-change.ts"
import { listTree, readBlob } from "../../src/git/tree-read.ts"
import { type Mirrored, makeMirrored, remoteOf, signal } from "./mirrored.ts"

const task = "task_00000000000000000000000000"

/** Copies of contents, as the keeper makes them, and a checkpoint of them. */
const saver = async (made: Mirrored) => {
  const folder = join(made.dataDir, "copies")
  await mkdir(folder, { recursive: true })
  let copies = 0
  const file = async (
    path: string,
    content: string | Uint8Array,
    executable = false,
  ): Promise<ChangedPath> => {
    copies += 1
    const copy = join(folder, String(copies))
    await writeFile(copy, content)
    return { path, kind: "file", executable, copy }
  }
  const absent = (path: string): ChangedPath => ({ path, kind: "absent" })
  let n = 0
  const save = (parent: string, changed: readonly ChangedPath[]) => {
    n += 1
    return saveCheckpoint(made.mirror, { task, attempt: 1, n, base: made.base, parent, changed }, signal)
  }
  return { file, absent, save }
}

const saved = <Value>(value: Value | null): Value => {
  if (value === null) throw new Error("nothing was saved")
  return value
}

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

test("a checkpoint travels as a pack to another machine's mirror", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n".repeat(500), "b/c.txt": "c\n" })
  await using elsewhere = await makeTempFolder("twl-data-")
  const remote = remoteOf(made.repo.path)
  await using other = await openMirror(
    { dataDir: elsewhere.path, team: "default", repo: "sample", remote },
    signal,
  )
  const { file, save } = await saver(made)
  const one = saved((await save(made.base, [await file("a.txt", "a\n".repeat(501))])).saved)
  const two = saved((await save(one.sha, [await file("b/d.txt", "d\n")])).saved)
  const pack = saved(await exportPack(made.mirror, { base: made.base, sha: two.sha }, signal))
  expect(
    await exportPack(made.mirror, { base: made.base, sha: two.sha, maxBytes: pack.length }, signal),
  ).toEqual(pack)
  expect(
    await exportPack(made.mirror, { base: made.base, sha: two.sha, maxBytes: pack.length - 1 }, signal),
  ).toBeNull()
  const ref = checkpointRef(task, 1, 2)
  await importPack(other, { pack, base: made.base, sha: two.sha, ref }, signal)
  expect(await hasCommit(other, one.sha, signal)).toBe(true)
  expect(await treeChange(other, made.base, two.sha, signal)).toEqual(
    await treeChange(made.mirror, made.base, two.sha, signal),
  )
  expect(await runGit(other.dir, ["rev-parse", ref])).toBe(two.sha)
})

test("a pack that is broken, hostile or of another base is not taken in", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  await using elsewhere = await makeTempFolder("twl-data-")
  const remote = remoteOf(made.repo.path)
  await using other = await openMirror(
    { dataDir: elsewhere.path, team: "default", repo: "sample", remote },
    signal,
  )
  const ref = checkpointRef(task, 1, 1)
  const take = (pack: Uint8Array, sha: string, base = made.base) =>
    importPack(other, { pack, base, sha, ref }, signal)
  const commitOf = async (entry: string) => {
    const tree = execFileSync("git", ["mktree", "--missing"], { cwd: made.mirror.dir, input: entry })
      .toString()
      .trim()
    const args = ["commit-tree", tree, "-p", made.base, "-m", "x"]
    return (await runGit(made.mirror.dir, ["-c", "user.name=x", "-c", "user.email=x@x", ...args])).trim()
  }
  const blob = await made.mirror.objects.writeBlob(Buffer.from("x"), signal)
  const hostile = [
    `100644 blob ${blob}\t.git\n`,
    `100644 blob ${blob}\t.GIT\n`,
    `120000 blob ${blob}\t.gitmodules\n`,
  ]
  for (const entry of hostile) {
    const sha = await commitOf(entry)
    const pack = saved(await exportPack(made.mirror, { base: made.base, sha }, signal))
    await expect(take(pack, sha)).rejects.toThrow(/nested|of this name|index-pack/)
  }
  const { file, save } = await saver(made)
  const good = saved((await save(made.base, [await file("b.txt", "b\n".repeat(100))])).saved)
  const pack = saved(await exportPack(made.mirror, { base: made.base, sha: good.sha }, signal))
  await expect(take(pack.subarray(0, pack.length - 30), good.sha)).rejects.toThrow("index-pack")
  const incomplete = execFileSync("git", ["pack-objects", "--stdout", "-q"], {
    cwd: made.mirror.dir,
    input: `${good.sha}\n${good.tree}\n`,
  })
  await expect(take(incomplete, good.sha)).rejects.toThrow("index-pack")
  await expect(take(Buffer.from("no pack at all"), good.sha)).rejects.toThrow("index-pack")
  await expect(take(pack, good.sha, good.tree)).rejects.toThrow("base")
  await expect(runGit(other.dir, ["rev-parse", "--verify", "--quiet", ref])).rejects.toThrow("")
  expect(await judgeChange(made.mirror, made.base, await commitOf(hostile[0] ?? ""), signal)).toEqual([
    { path: ".git", reason: "it belongs to a nested repository (.git)" },
  ])
})

/** The processes of git that serve this mirror. */
const residentsOf = async (dir: string): Promise<number[]> => {
  const pids = (await readdir("/proc")).filter(name => /^\d+$/.test(name)).map(Number)
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")))
  return pids.filter((pid, index) => pid > 1 && lines[index]?.startsWith(`git\0--git-dir=${dir}\0`))
}

test("residents start again after they were killed, and leave nothing in the scratch folder", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const { file, save } = await saver(made)
  saved((await save(made.base, [await file("a.txt", "1\n")])).saved)
  const residents = await residentsOf(made.mirror.dir)
  expect(residents.length).toBeGreaterThanOrEqual(4)
  for (const pid of residents) process.kill(pid, "SIGKILL")
  const { whole } = saved((await save(made.base, [await file("a.txt", "2\n")])).saved)
  expect(whole).toEqual({ files: 1, added: 1, removed: 1 })
  expect(await readdir(join(made.mirror.dir, "twolane", "scratch"))).toEqual([])
})
