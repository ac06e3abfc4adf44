import { lstat, readdir, readFile, readlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { runGit } from "@twolane/testkit"
import fc from "fast-check"
import { expect, test } from "vitest"
import { commitText, twolane } from "../../src/git/commit-text.ts"
import type { Mirror } from "../../src/git/mirror.ts"
import { editTree } from "../../src/git/trees.ts"
import { addWorktree, moveWorktree } from "../../src/git/worktree.ts"
import { makeMirrored, signal, workspaceIn } from "./mirrored.ts"

/** What lies in a folder: each path with its kind, whether it may be executed, and its bytes. */
const contentsOf = async (folder: string, below = ""): Promise<string[]> => {
  const found: string[] = []
  for (const name of (await readdir(join(folder, below))).sort()) {
    const path = join(below, name)
    if (path === ".git") continue
    const at = join(folder, path)
    const entry = await lstat(at)
    if (entry.isDirectory()) found.push(`${path}/`, ...(await contentsOf(folder, path)))
    else if (entry.isSymbolicLink()) found.push(`${path} -> ${await readlink(at)}`)
    else found.push(`${path} ${(entry.mode & 0o111) !== 0} ${await readFile(at, "utf8")}`)
  }
  return found
}

type Entry = { mode: "100644" | "100755" | "120000"; text: string }

/** Paths that stand in each other's way: `a` is a file in one tree and a folder in another. */
const paths = ["a", "a/b", "a/b/c", "a/d", "b", "b/c", ".gitignore", "e.txt"]

const trees = fc.dictionary(
  fc.constantFrom(...paths),
  fc.record<Entry>({
    mode: fc.constantFrom("100644", "100755", "120000"),
    text: fc.constantFrom("one\n", "two\n", "e.txt", "*\n"),
  }),
  { minKeys: 1 },
)

const commitOf = async (mirror: Mirror, files: Record<string, Entry>): Promise<string> => {
  const clear = Object.keys(files).filter(path => !Object.keys(files).some(one => one.startsWith(`${path}/`)))
  const edits = await Promise.all(
    clear.map(async path => {
      const { mode = "100644", text = "" } = files[path] ?? {}
      return {
        path,
        to: { mode, sha: await mirror.objects.writeBlob(Buffer.from(text), signal) },
      }
    }),
  )
  const empty = await mirror.objects.writeTree([], signal)
  const { tree } = await editTree(mirror.objects, empty, edits, signal)
  return mirror.objects.writeCommit(
    commitText({ tree, parents: [], author: twolane, message: "m", at: 0 }),
    signal,
  )
}

test("a worktree that was taken on to a commit is the tree that a fresh one of it is, whatever it was at before", async () => {
  await using made = await makeMirrored({ "README.md": "r\n" })
  let count = 0
  const add = (commit: string) => {
    count += 1
    const path = workspaceIn(made.dataDir, `${count}`)
    return addWorktree(made.mirror, { path, commit, checkout: true }, signal)
  }
  await fc.assert(
    fc.asyncProperty(trees, trees, async (from, to) => {
      const [first, second] = [await commitOf(made.mirror, from), await commitOf(made.mirror, to)]
      const moved = await moveWorktree(await add(first), second, signal)
      const fresh = await add(second)
      expect(await contentsOf(moved.path)).toEqual(await contentsOf(fresh.path))
      expect(moved.commit).toBe(second)
      expect(await runGit(moved.path, ["rev-parse", "HEAD"])).toBe(second)
      expect(await runGit(moved.path, ["ls-files", "--stage"])).toBe(
        await runGit(fresh.path, ["ls-files", "--stage"]),
      )
    }),
    { numRuns: 25 },
  )
})

test("a worktree in which something was changed is not taken on over it", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n", "b.txt": "b\n" })
  const next = await commitOf(made.mirror, { "a.txt": { mode: "100644", text: "two\n" } })
  const path = workspaceIn(made.dataDir, "one")
  const worktree = await addWorktree(made.mirror, { path, commit: made.base, checkout: true }, signal)
  await writeFile(join(path, "a.txt"), "mine and longer\n")
  await expect(moveWorktree(worktree, next, signal)).rejects.toThrow("read-tree failed")
  expect(await readFile(join(path, "a.txt"), "utf8")).toBe("mine and longer\n")
})
