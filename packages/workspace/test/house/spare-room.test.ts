import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { Workspace } from "@twolane/agent"
import { parseRepoFile } from "@twolane/common/guardrails/repo-file"
import { keepersOf } from "@twolane/testkit"
import { expect, test } from "vitest"
import { listWorktrees } from "../../src/git/worktree.ts"
import { openHouse, probeSandbox, type WorkspaceHouse } from "../../src/index.ts"
import { type Mirrored, makeMirrored, signal } from "../git/mirrored.ts"

/** Tests that say what lies in their tree, then leave a file and an ignored one behind. */
const rules = `test:
  all: "true"
  targeted: "git status --porcelain --ignored; git log --format=%s -1; cat *.txt; echo left > left.txt; echo ran >> hidden.log; : {files}"
`
const files = { "a.txt": "a\n", ".gitignore": "*.log\n", "twolane.yaml": rules }

const open = async (mirrored: Mirrored, concurrency = 2): Promise<WorkspaceHouse> =>
  openHouse({
    config: {
      dataDir: mirrored.dataDir,
      jailPaths: [],
      concurrency: { fast: concurrency, deep: 1 },
      warmWorkspaces: 0,
    },
    sandbox: await probeSandbox("required"),
    worker: "w",
    lane: "fast",
  })

const workspaceFor = async (house: WorkspaceHouse, { mirror, base }: Mirrored, task: string) => {
  const file = parseRepoFile(rules)
  if (!file.ok) throw new Error(file.message)
  const wanted = { mirror, task, base, checkpoint: null, file: file.file, secrets: {} }
  const opened = await house.open(wanted, signal)
  if (!opened.ok) throw new Error(opened.detail)
  return opened.workspace
}

let saves = 0
const patch = async (workspace: Workspace, from: string, to: string) => {
  const text = `*** Begin Patch\n*** Update File: a.txt\n@@\n-${from}\n+${to}\n*** End Patch`
  expect(await workspace.applyPatch(text, signal)).toEqual({ ok: true })
  saves += 1
  return workspace.checkpoint({ attempt: 1, n: saves }, signal)
}

const run = (workspace: Workspace) =>
  workspace.test({ selection: "targeted", firstRed: false, onStart: () => undefined }, signal)

const roomsOf = async ({ dataDir }: Mirrored) => (await readdir(join(dataDir, "workspaces", "w"))).sort()

const keepers = () => keepersOf(process.pid)

test("each run of the tests sees the checkpoint's tree alone, though its room stood ready before the patch was there", async () => {
  await using mirrored = await makeMirrored(files)
  await using house = await open(mirrored)
  await using workspace = await workspaceFor(house, mirrored, "task_1")
  workspace.expectTests()
  for (const [from, to] of [
    ["a", "one"],
    ["one", "two"],
    ["two", "three"],
  ] as const) {
    const [ready] = (await roomsOf(mirrored)).slice(-1)
    const saved = await patch(workspace, from, to)
    const result = await run(workspace)
    const number = `1-${saves}`
    expect(saved.saved).not.toBeNull()
    expect(result).toMatchObject({ status: "passed", output: `Checkpoint ${number} of task_1\n${to}` })
    // The room is used up, and the next one stands beside the workspace's.
    await expect.poll(() => roomsOf(mirrored)).toHaveLength(2)
    expect(await roomsOf(mirrored)).not.toContain(ready)
  }
})

test("a spare room whose keeper was killed is replaced by a fresh one", async () => {
  await using mirrored = await makeMirrored(files)
  await using house = await open(mirrored)
  await using workspace = await workspaceFor(house, mirrored, "task_1")
  const own = keepers()
  workspace.expectTests()
  await expect.poll(() => keepers().length).toBe(2)
  const spare = keepers().find(pid => !own.includes(pid))
  if (spare === undefined) throw new Error("there is no spare")
  process.kill(spare, "SIGKILL")
  await expect.poll(keepers).toEqual(own)
  await patch(workspace, "a", "one")
  expect(await run(workspace)).toMatchObject({ status: "passed", output: expect.stringContaining("\none") })
})

test("as many workspaces have a spare room as turns run at once, those that asked last; without one the tests run all the same", async () => {
  await using mirrored = await makeMirrored(files)
  await using house = await open(mirrored, 1)
  await using first = await workspaceFor(house, mirrored, "task_1")
  await using second = await workspaceFor(house, mirrored, "task_2")
  first.expectTests()
  second.expectTests()
  await expect.poll(() => keepers().length).toBe(3)
  await expect
    .poll(async () => (await roomsOf(mirrored)).map(name => name.slice(0, 6)))
    .toEqual(["task_1", "task_2", "task_2"])
  await patch(first, "a", "one")
  expect(await run(first)).toMatchObject({ status: "passed", output: expect.stringContaining("\none") })
})

test("a released workspace leaves no keeper, no room and no worktree, also while its spare room is being made", async () => {
  await using mirrored = await makeMirrored(files)
  {
    await using house = await open(mirrored)
    const workspace = await workspaceFor(house, mirrored, "task_1")
    workspace.expectTests()
    await workspace[Symbol.asyncDispose]()
    expect(keepers()).toEqual([])
    expect(await listWorktrees(mirrored.mirror)).toEqual([])
    workspace.expectTests()
    expect(keepers()).toEqual([])
  }
  expect(await roomsOf(mirrored)).toEqual([])
})
