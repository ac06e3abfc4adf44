import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { defaultRepoFile } from "@twolane/common/guardrails/repo-file"
import { newId } from "@twolane/protocol"
import { keepersOf } from "@twolane/testkit"
import { expect, test } from "vitest"
import { fetchMirror } from "../../src/git/fetch.ts"
import { listWorktrees } from "../../src/git/worktree.ts"
import { type BegunRoom, beginRoom, type RoomWish } from "../../src/house/begin-room.ts"
import { layGround } from "../../src/house/ground.ts"
import { keepReadyRooms } from "../../src/house/ready-rooms.ts"
import {
  measureDisk,
  openHouse,
  probeSandbox,
  tasksWithWorkspaces,
  type WorkspaceHouse,
} from "../../src/index.ts"
import { type Mirrored, makeMirrored, signal } from "../git/mirrored.ts"

const openWith = async ({ dataDir }: Mirrored, warmWorkspaces: number): Promise<WorkspaceHouse> =>
  openHouse({
    config: { dataDir, jailPaths: [], concurrency: { fast: 2, deep: 2 }, warmWorkspaces },
    sandbox: await probeSandbox("required"),
    worker: "w",
    lane: "fast",
  })

const openFor = async (house: WorkspaceHouse, { mirror }: Mirrored, task: string, base: string) => {
  const wanted = { mirror, task, base, checkpoint: null, file: defaultRepoFile(), secrets: {} }
  const opened = await house.open(wanted, signal)
  if (!opened.ok) throw new Error(opened.detail)
  return opened.workspace
}

const ready = ({ dataDir }: Mirrored) => readdir(join(dataDir, "workspaces/w/ready/default")).catch(() => [])
const keepers = () => keepersOf(process.pid).length

/** Waits until a room stands ready beside so many workspaces, its checkout and its keeper. */
const untilReady = async (mirrored: Mirrored, workspaces: number) => {
  await expect.poll(keepers).toBe(workspaces + 1)
  await expect.poll(async () => (await listWorktrees(mirrored.mirror)).length).toBe(workspaces + 1)
}

test("the next task of a repo takes the room that stood ready, with the newest files and tags, and another one is made", async () => {
  await using mirrored = await makeMirrored({ "a.txt": "old\n", "b.txt": "b\n" })
  await using house = await openWith(mirrored, 1)
  await using first = await openFor(house, mirrored, newId("task"), mirrored.base)
  await untilReady(mirrored, 1)
  const stood = await ready(mirrored)
  expect(stood).toHaveLength(1)
  expect((await measureDisk(mirrored.dataDir, signal)).repos[0]?.preparedBytes).toBeGreaterThan(0)

  const base = await mirrored.repo.commit({ "a.txt": "new\n", "b.txt": null })
  await mirrored.repo.git("tag", "v2")
  await fetchMirror(mirrored.mirror, Date.now(), signal)
  const task = newId("task")
  await using second = await openFor(house, mirrored, task, base)
  expect(await tasksWithWorkspaces(mirrored.dataDir)).toContain(task)
  const script = "cat *.txt; git status --porcelain --ignored; git describe --tags"
  expect(await second.run({ command: script, workdir: "", timeoutMs: 60_000 }, signal)).toMatchObject({
    exitCode: 0,
    output: "new\nv2\n",
  })
  await untilReady(mirrored, 2)
  expect(await ready(mirrored)).toEqual(expect.arrayContaining(stood))
  expect(await ready(mirrored)).toHaveLength(2)
  expect((await first.read("a.txt", {}, signal)).ok).toBe(true)
})

test("a room that was broken while it stood there is replaced: the task does not notice", async () => {
  await using mirrored = await makeMirrored({ "a.txt": "a\n" })
  await using house = await openWith(mirrored, 1)
  await using _first = await openFor(house, mirrored, "task_1", mirrored.base)
  await untilReady(mirrored, 1)
  const [stood = ""] = await ready(mirrored)
  await rm(join(mirrored.dataDir, "workspaces/w/ready/default", stood, "tree"), { recursive: true })
  const base = await mirrored.repo.commit({ "a.txt": "new\n" })
  await fetchMirror(mirrored.mirror, Date.now(), signal)
  await using second = await openFor(house, mirrored, "task_2", base)
  expect(await second.read("a.txt", {}, signal)).toMatchObject({ ok: true, text: "new\n" })
})

test("a worker that ends leaves no room that stood ready; with 0 there is none", async () => {
  await using mirrored = await makeMirrored({ "a.txt": "a\n" })
  for (const warm of [1, 0]) {
    {
      await using house = await openWith(mirrored, warm)
      const workspace = await openFor(house, mirrored, "task_1", mirrored.base)
      if (warm > 0) await untilReady(mirrored, 1)
      await workspace[Symbol.asyncDispose]()
      expect(await ready(mirrored)).toHaveLength(warm)
    }
    expect(await readdir(join(mirrored.dataDir, "workspaces/w"))).toEqual([])
    expect(keepers()).toBe(0)
    expect(await listWorktrees(mirrored.mirror)).toEqual([])
  }
})

test("where there may be no more rooms, the repo that was used last has its own, and none is made for another one in its place", async () => {
  await using older = await makeMirrored({ "a.txt": "a\n" })
  await using newer = await makeMirrored({ "a.txt": "a\n" })
  const { ground, lock } = await layGround({
    config: { dataDir: older.dataDir, jailPaths: [], concurrency: { fast: 1, deep: 1 }, warmWorkspaces: 0 },
    sandbox: await probeSandbox("required"),
    worker: "w",
    lane: "fast",
  })
  await using _lock = lock
  const made: string[] = []
  const complete: Promise<unknown>[] = []
  const begin = (wish: RoomWish) => {
    const room = beginRoom(ground, wish)
    made.push(wish.mirror.dir)
    complete.push(Promise.all([room.at(wish.commit, signal), room.keeper]))
    return room
  }
  {
    await using rooms = keepReadyRooms(ground, begin, { perRepo: 1, inAll: 1 })
    rooms.want(older.mirror)
    await expect.poll(() => made).toEqual([older.mirror.dir])
    rooms.want(newer.mirror)
    await expect.poll(() => made).toEqual([older.mirror.dir, newer.mirror.dir])
    await Promise.all(complete)
    await expect.poll(() => listWorktrees(older.mirror)).toEqual([])
    await using taken = rooms.take(newer.mirror)
    expect([taken?.isSound(), rooms.take(older.mirror)]).toEqual([true, null])
  }
  expect(made).toEqual([older.mirror.dir, newer.mirror.dir])
  await ground.removals.settle()
})

test("a repo that is tidied gets back what stands ready for it, and is counted until then; its next task has it made again", async () => {
  await using mirrored = await makeMirrored({ "a.txt": "a\n" })
  await using house = await openWith(mirrored, 1)
  await using first = await openFor(house, mirrored, newId("task"), mirrored.base)
  await untilReady(mirrored, 1)
  const prepared = async () => (await measureDisk(mirrored.dataDir, signal)).repos[0]?.preparedBytes
  expect(await prepared()).toBeGreaterThan(0)
  house.release({ team: mirrored.mirror.team, repo: "another" })
  house.release(mirrored.mirror)
  await expect.poll(() => ready(mirrored)).toEqual([])
  await expect.poll(async () => (await listWorktrees(mirrored.mirror)).length).toBe(1)
  await expect.poll(keepers).toBe(1)
  expect(await prepared()).toBe(0)
  expect((await first.read("a.txt", {}, signal)).ok).toBe(true)
  await using _second = await openFor(house, mirrored, newId("task"), mirrored.base)
  await untilReady(mirrored, 2)
})

test("rooms that stand ready go when the disk gets short, and none comes while it is", async () => {
  await using mirrored = await makeMirrored({ "a.txt": "a\n" })
  const { ground, lock } = await layGround({
    config: {
      dataDir: mirrored.dataDir,
      jailPaths: [],
      concurrency: { fast: 1, deep: 1 },
      warmWorkspaces: 0,
    },
    sandbox: await probeSandbox("required"),
    worker: "w",
    lane: "fast",
  })
  await using _lock = lock
  const made: BegunRoom[] = []
  const begin = (wish: RoomWish) => {
    const room = beginRoom(ground, wish)
    made.push(room)
    return room
  }
  const floor = { bytes: 0, files: 0 }
  {
    await using rooms = keepReadyRooms(ground, begin, { perRepo: 1, inAll: 1, floor, freshenEveryMs: 50 })
    rooms.want(mirrored.mirror)
    await expect.poll(() => ready(mirrored)).toHaveLength(1)
    floor.bytes = Number.MAX_SAFE_INTEGER
    await expect.poll(() => ready(mirrored)).toEqual([])
    rooms.want(mirrored.mirror)
    expect(rooms.take(mirrored.mirror)).toBe(null)
    floor.bytes = 0
    await expect.poll(() => made.length).toBe(2)
  }
  await ground.removals.settle()
})
