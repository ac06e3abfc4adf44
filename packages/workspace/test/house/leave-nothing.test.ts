import { execFileSync } from "node:child_process"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { defaultRepoFile } from "@twolane/common/guardrails/repo-file"
import { expect, test } from "vitest"
import { addWorktree, listWorktrees } from "../../src/git/worktree.ts"
import { openHouse, probeSandbox } from "../../src/index.ts"
import { makeMirrored, signal } from "../git/mirrored.ts"

test("a workspace that could not be made leaves no folder behind, however long its worker lives", async () => {
  await using mirrored = await makeMirrored({ "a.txt": "a\n" })
  const { mirror, base, dataDir } = mirrored
  const config = { dataDir, jailPaths: [], concurrency: { fast: 1, deep: 1 }, warmWorkspaces: 0 }
  const sandbox = await probeSandbox("auto")
  const own = join(dataDir, "workspaces", "worker_1")
  {
    await using house = await openHouse({ config, sandbox, worker: "worker_1", lane: "deep" })
    const wanted = { mirror, task: "task_1", base, file: defaultRepoFile(), secrets: {} }
    // Checkout and setup are made side by side: either may be the first to find that it is not there.
    await expect(house.open({ ...wanted, checkpoint: "f".repeat(40) }, signal)).rejects.toThrow(
      /^there is no (?:commit|tree) f/,
    )
  }
  expect(await readdir(own)).toEqual([])
})

test("what a dead worker left registered goes with the next start, also in a mirror that nobody wants again", async () => {
  await using mirrored = await makeMirrored({ "a.txt": "a\n" })
  const { mirror, base, dataDir } = mirrored
  // Nobody holds the lock of this worker: it is dead.
  const path = join(dataDir, "workspaces", "worker_dead", "room", "tree")
  await addWorktree(mirror, { path, commit: base, checkout: true }, signal)
  const config = { dataDir, jailPaths: [], concurrency: { fast: 1, deep: 1 }, warmWorkspaces: 0 }
  const sandbox = await probeSandbox("auto")
  await using _house = await openHouse({ config, sandbox, worker: "worker_2", lane: "deep" })
  await expect.poll(() => listWorktrees(mirror)).toEqual([])
})

const mayMount = process.getuid?.() === 0

test.runIf(mayMount)(
  "a workspace that was given up while the disk took no writes goes once it does (needs root)",
  async () => {
    await using mirrored = await makeMirrored({ "a.txt": "a\n" })
    const { mirror, base, dataDir } = mirrored
    const config = { dataDir, jailPaths: [], concurrency: { fast: 1, deep: 1 }, warmWorkspaces: 0 }
    const sandbox = await probeSandbox("auto")
    const wanted = { mirror, base, checkpoint: null, file: defaultRepoFile(), secrets: {} }
    {
      await using house = await openHouse({ config, sandbox, worker: "worker_1", lane: "deep" })
      const opened = await house.open({ ...wanted, task: "task_1" }, signal)
      if (!opened.ok) throw new Error(opened.detail)
      execFileSync("mount", ["--bind", dataDir, dataDir])
      try {
        execFileSync("mount", ["-o", "remount,bind,ro", dataDir])
        await opened.workspace[Symbol.asyncDispose]()
        await expect(house.open({ ...wanted, task: "task_2" }, signal)).rejects.toThrow(/mkdir/)
      } finally {
        execFileSync("umount", ["--lazy", dataDir])
      }
      expect(await listWorktrees(mirror)).toHaveLength(1)
    }
    expect(await listWorktrees(mirror)).toEqual([])
    expect(await readdir(join(dataDir, "workspaces", "worker_1"))).toEqual([])
  },
)
