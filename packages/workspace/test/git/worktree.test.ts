import { execFileSync } from "node:child_process"
import { chmod, mkdir, readdir, readFile, readlink, stat, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { runGit } from "@twolane/testkit"
import { expect, test } from "vitest"
import { fetchMirror } from "../../src/git/fetch.ts"
import { mirrorDir } from "../../src/git/mirror.ts"
import {
  addWorktree,
  listWorktrees,
  releaseLeftovers,
  releaseWorktree,
  sweepFolder,
} from "../../src/git/worktree.ts"
import { makeMirrored, signal, workspaceIn } from "./mirrored.ts"

test("a worktree is the commit, byte for byte, whatever the attributes say", async () => {
  const files = {
    ".gitattributes":
      "*.txt text eol=crlf\n*.bin filter=lfs diff=lfs\n*.id ident\n*.u16 working-tree-encoding=UTF-16\n",
    "a.txt": "one\ntwo\n",
    "big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n",
    "x.id": "$Id$\n",
    "y.u16": "plain\n",
    "run.sh": "#!/bin/sh\necho\n",
  }
  await using made = await makeMirrored({ "README.md": "r\n" })
  // Put in by hand, since `git add` would convert.
  for (const [name, text] of Object.entries(files)) {
    const input = { cwd: made.repo.path, input: text }
    const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], input).toString().trim()
    const mode = name.endsWith(".sh") ? "100755" : "100644"
    await made.repo.git("update-index", "--add", "--cacheinfo", `${mode},${blob},${name}`)
  }
  await made.repo.git("commit", "--quiet", "-m", "change")
  const commit = await made.repo.sha()
  await fetchMirror(made.mirror, Date.now(), signal)
  const path = workspaceIn(made.dataDir, "one")
  const worktree = await addWorktree(made.mirror, { path, commit, checkout: true }, signal)
  for (const [name, text] of Object.entries(files))
    expect(await readFile(join(path, name), "utf8")).toBe(text)
  expect((await stat(join(path, "run.sh"))).mode & 0o111).toBe(0o111)
  expect(await runGit(path, ["status", "--porcelain"])).toBe("")
  expect(await runGit(path, ["rev-parse", "HEAD"])).toBe(commit)
  expect(await runGit(path, ["log", "-1", "--format=%s", "origin/main"])).toBe("change")
  expect(await listWorktrees(made.mirror)).toEqual([worktree])
  expect(await runGit(made.mirror.dir, ["worktree", "list", "--porcelain"])).toContain(`worktree ${path}\n`)
})

test("symlinks and submodules of the base are checked out as git does, and nothing of a submodule is fetched", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  await made.repo.git("update-index", "--add", "--cacheinfo", `160000,${made.base},sub`)
  await runGit(made.repo.path, ["config", "core.symlinks", "true"])
  await runGit(made.repo.path, ["commit", "--quiet", "-m", "sub"])
  await fetchMirror(made.mirror, Date.now(), signal)
  const path = workspaceIn(made.dataDir, "one")
  const commit = await made.repo.sha()
  await addWorktree(made.mirror, { path, commit, checkout: true }, signal)
  expect(await readdir(join(path, "sub"))).toEqual([])
})

test("sixteen worktrees at once, with fetches and releases beside them, all succeed", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`src/f${i}.ts`, `export const n = ${i}\n`]),
  )
  await using made = await makeMirrored(files)
  const one = async (name: string) => {
    const path = workspaceIn(made.dataDir, name)
    const worktree = await addWorktree(made.mirror, { path, commit: made.base, checkout: true }, signal)
    expect((await readdir(join(path, "src"))).length).toBe(40)
    return worktree
  }
  const fetches = (async () => {
    for (let i = 0; i < 4; i += 1) await fetchMirror(made.mirror, Date.now(), signal)
  })()
  const early = await Promise.all(Array.from({ length: 16 }, (_, i) => one(`a${i}`)))
  const late = Array.from({ length: 8 }, (_, i) => one(`b${i}`))
  const released = await Promise.all(early.map(each => releaseWorktree(made.mirror, each)))
  await Promise.all([...late, fetches, ...released.map(({ removed }) => removed)])
  expect((await listWorktrees(made.mirror)).length).toBe(8)
  expect((await readdir(join(made.dataDir, "workspaces"))).length).toBe(8)
})

test("a release is a rename; what is left is removed behind, also folders without write permission", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const path = workspaceIn(made.dataDir, "one")
  const worktree = await addWorktree(made.mirror, { path, commit: made.base, checkout: true }, signal)
  await mkdir(join(path, "locked", "deep"), { recursive: true })
  await writeFile(join(path, "locked", "deep", "x"), "x")
  await chmod(join(path, "locked", "deep"), 0o500)
  const { removed } = await releaseWorktree(made.mirror, worktree)
  await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" })
  expect(await listWorktrees(made.mirror)).toEqual([])
  await removed
  expect(await readdir(join(made.dataDir, "workspaces"))).toEqual([])
  await (await releaseWorktree(made.mirror, worktree)).removed
})

test("a path that is taken is refused and left alone; an aborted checkout leaves nothing", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const taken = workspaceIn(made.dataDir, "taken")
  await mkdir(taken, { recursive: true })
  await writeFile(join(taken, "mine"), "mine")
  const add = (path: string, end: AbortSignal) =>
    addWorktree(made.mirror, { path, commit: made.base, checkout: true }, end)
  await expect(add(taken, signal)).rejects.toMatchObject({ code: "EEXIST" })
  expect(await readdir(taken)).toEqual(["mine"])
  const abort = new AbortController()
  const adding = add(workspaceIn(made.dataDir, "two"), abort.signal)
  abort.abort({ by: "user" })
  await expect(adding).rejects.toEqual({ by: "user" })
  expect(await readdir(join(made.dataDir, "workspaces"))).toEqual(["taken"])
  expect(await listWorktrees(made.mirror)).toEqual([])
  await expect(
    addWorktree(made.mirror, { path: "relative", commit: made.base, checkout: true }, signal),
  ).rejects.toThrow("absolute")
  await expect(
    addWorktree(made.mirror, { path: `${taken}2`, commit: "0".repeat(40), checkout: true }, signal),
  ).rejects.toThrow("no commit")
})

test("what a killed worker left behind is taken away, what is alive stays", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const add = (name: string) =>
    addWorktree(
      made.mirror,
      { path: workspaceIn(made.dataDir, name), commit: made.base, checkout: true },
      signal,
    )
  const [dead, alive] = [await add("dead"), await add("alive")]
  await writeFile(join(dead.admin, "index.lock"), "")
  const folder = join(made.mirror.dir, "twolane")
  await mkdir(join(folder, "admin.gone-old"))
  await mkdir(join(folder, "fresh-old"))
  await mkdir(join(folder, "fresh-young"))
  await utimes(join(folder, "fresh-old"), 1, 1)
  expect(await releaseLeftovers(made.mirror, worktree => worktree.path === alive.path)).toBe(1)
  expect(await listWorktrees(made.mirror)).toEqual([alive])
  expect((await readdir(folder)).sort()).toEqual(["fresh-young", "scratch", "state.json"])
  await mkdir(workspaceIn(made.dataDir, "x.gone-1"))
  await sweepFolder(join(made.dataDir, "workspaces"))
  expect(await readdir(join(made.dataDir, "workspaces"))).toEqual(["alive"])
})

test("a registered worktree without a checkout takes an index from another one", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n", "b/c.txt": "c\n" })
  const commit = made.base
  const first = await addWorktree(
    made.mirror,
    { path: workspaceIn(made.dataDir, "template"), commit, checkout: true },
    signal,
  )
  const path = workspaceIn(made.dataDir, "laid")
  await addWorktree(made.mirror, { path, commit, checkout: false, index: first.index }, signal)
  expect(await readdir(path)).toEqual([".git"])
  expect(await runGit(path, ["ls-files"])).toBe("a.txt\nb/c.txt")
})

test("a symlink in the base is a symlink in the tree", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const blob = await made.repo.git("hash-object", "-w", "a.txt")
  await made.repo.git("update-index", "--add", "--cacheinfo", `120000,${blob},link`)
  await made.repo.git("commit", "--quiet", "-m", "link")
  await fetchMirror(made.mirror, Date.now(), signal)
  const path = workspaceIn(made.dataDir, "one")
  await addWorktree(made.mirror, { path, commit: await made.repo.sha(), checkout: true }, signal)
  expect(await readlink(join(path, "link"))).toBe("a\n")
  expect(mirrorDir(made.dataDir, "default", "sample")).toBe(made.mirror.dir)
})
