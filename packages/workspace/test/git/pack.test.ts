import { execFileSync } from "node:child_process"
import { makeTempFolder, runGit } from "@twolane/testkit"
import { expect, test } from "vitest"
import { openMirror } from "../../src/git/mirror.ts"
import { exportPack, importPack, judgeChange } from "../../src/git/pack.ts"
import { checkpointRef } from "../../src/git/refs.ts"
import { hasCommit } from "../../src/git/resolve.ts"
import { treeChange } from "../../src/git/tree-change.ts"
import { makeMirrored, remoteOf, signal } from "./mirrored.ts"

import { saved, saver, task } from "./saver.ts"

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
