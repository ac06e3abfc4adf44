import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { createLogger } from "@twolane/common"
import { newId } from "@twolane/protocol"
import { openStore, type Store } from "@twolane/store"
import { makeRepo, makeTempFolder, startRedis } from "@twolane/testkit"
import { expect, test } from "vitest"
import { keepDisk } from "../src/index.ts"

const by = { key: "key_1", name: "Ada" }

/** A data folder with a mirror, a prepared workspace, a download cache, and a workspace of a task. */
const startCase = async () => {
  await using undo = new AsyncDisposableStack()
  const redis = await startRedis()
  undo.defer(() => redis.stop())
  const folder = undo.use(await makeTempFolder("twl-disk-"))
  const source = undo.use(await makeRepo({ files: { "a.txt": "one\n" } }))
  const lines: string[] = []
  const store = undo.use(
    await openStore({
      url: redis.url,
      secretKey: randomBytes(32).toString("base64url"),
      onError: error => void lines.push(String(error)),
    }),
  )
  const mirror = join(folder.path, "mirrors/default/shop.git")
  mkdirSync(dirname(mirror), { recursive: true })
  execFileSync("git", ["clone", "--quiet", "--bare", "--no-local", source.path, mirror])
  const put = (path: string, bytes: number) => {
    const target = join(folder.path, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, randomBytes(bytes))
  }
  put("prepared/default/shop/0123/shares/0/big", 200_000)
  put("prepared/default/shop/cache/npm/tarball", 100_000)
  const task = newId("task")
  put(`workspaces/worker_1/${task}-1/tree/file`, 50_000)
  const log = createLogger({
    part: "test",
    level: "debug",
    destination: { write: (line: string) => void lines.push(line) },
  })
  const keep = () => keepDisk({ store, dataDir: folder.path, host: "here", log })
  const all = undo.move()
  return {
    store,
    mirror,
    task,
    keep,
    folder: folder.path,
    lines,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

const turnOf = (task: string): string => task.replace("task", "turn")

const submit = async (store: Store, task: string): Promise<void> => {
  const at = store.now()
  const said = { prompt: "x", by, at }
  await store.create({
    team: "default",
    task,
    events: [
      {
        type: "task.created",
        team: "default",
        repo: "shop",
        title: "x",
        origin: "api",
        labels: [],
        priority: "normal",
        base: null,
        baseAtSubmit: null,
        turn: null,
        ...said,
      },
      {
        type: "turn.queued",
        lane: "deep",
        position: null,
        reason: "",
        options: {},
        turn: turnOf(task),
        ...said,
      },
    ],
  })
}
const cancel = (store: Store, task: string) =>
  store.change({
    team: "default",
    task,
    decide: ({ usage }, at) => [
      { type: "turn.ended", outcome: { status: "canceled", by }, usage, turn: turnOf(task), at },
    ],
  })
const shop = async (store: Store) =>
  (await store.disk.reports())[0]?.repos.find(({ repo }) => repo === "shop")

test("one of the processes on a data folder reports what it takes", async () => {
  await using one = await startCase()
  await using _first = one.keep()
  await using _second = one.keep()
  await expect.poll(async () => (await one.store.disk.reports()).length).toBe(1)
  const [report] = await one.store.disk.reports()
  expect(report).toMatchObject({ host: "here", workspaces: [{ task: one.task }] })
  const bytes = await shop(one.store)
  expect(bytes?.preparedBytes).toBeGreaterThanOrEqual(200_000)
  expect(bytes?.preparedBytes).toBeLessThan(300_000)
  expect(bytes?.cacheBytes).toBeGreaterThanOrEqual(100_000)
  expect(bytes?.cacheBytes).toBeLessThan(200_000)
  expect(bytes?.mirrorBytes).toBeGreaterThan(1_000)
  expect(report?.workspaces[0]?.bytes).toBeGreaterThanOrEqual(50_000)
  expect(report?.freeBytes).toBeLessThan(report?.totalBytes ?? 0)
})

test("a wish takes what setups left once nobody needs it, and packs the mirror without losing an object", async () => {
  await using one = await startCase()
  const { store, task, folder, mirror } = one
  await submit(store, task)
  const git = (args: string[], input = "") =>
    execFileSync("git", ["-C", mirror, ...args], { input, encoding: "utf8" })
  // Nothing points at it.
  const stray = git(["hash-object", "-w", "--stdin"], "stray").trim()
  const objects = () =>
    git(["cat-file", "--batch-all-objects", "--batch-check"]).trim().split("\n").toSorted()
  const before = objects()
  await using _keeping = one.keep()
  const prepared = join(folder, "prepared/default/shop")
  const wish = async () => {
    const at = await store.disk.wish("default", "shop")
    await expect.poll(async () => (await shop(store))?.reclaimedAt).toBeGreaterThanOrEqual(at)
    return [(await shop(store))?.kept, existsSync(prepared)]
  }
  expect(await wish()).toEqual(["a turn is open", true])
  await cancel(store, task)
  expect(await wish()).toEqual(["a workspace is kept warm", true])
  rmSync(join(folder, "workspaces/worker_1"), { recursive: true })
  expect(await wish()).toEqual([undefined, false])
  expect(await shop(store)).toMatchObject({ preparedBytes: 0, cacheBytes: 0 })
  expect(readdirSync(join(folder, "prepared/default"))).toEqual([])
  expect(objects()).toEqual(before)
  expect(before.join("\n")).toContain(stray)
  expect(one.lines.filter(line => line.includes("not looked after"))).toEqual([])
})

/** Commits with a file of its own as a task's checkpoint and branch; answers the commit. */
const commitFor = (git: (...args: string[]) => string, task: string): string => {
  const base = git("rev-parse", "HEAD").trim()
  const tree = git("rev-parse", "HEAD^{tree}").trim()
  const commit = git(
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@t",
    "commit-tree",
    tree,
    "-p",
    base,
    "-m",
    task,
  ).trim()
  git("update-ref", `refs/twolane/${task}/1/1`, commit)
  git("update-ref", `refs/heads/twolane/${task}`, commit)
  return commit
}

test("a wish takes the refs of tasks that were discarded, and what they alone held once it is older than an hour", async () => {
  await using one = await startCase()
  const { store, folder, mirror } = one
  rmSync(join(folder, "workspaces/worker_1"), { recursive: true })
  const git = (...args: string[]) => execFileSync("git", ["-C", mirror, ...args], { encoding: "utf8" })
  const [lost, chosen, discardedAtWork] = [newId("task"), newId("task"), newId("task")]
  const commits = [lost, chosen, discardedAtWork].map(task => commitFor(git, task))
  for (const task of [lost, chosen, discardedAtWork]) {
    await submit(store, task)
    await cancel(store, task)
    const decision = task === chosen ? "accepted" : "discarded"
    await store.change({
      team: "default",
      task,
      decide: (_state, at) => [{ type: "task.reviewed", decision, by, turn: null, at }],
    })
  }
  const released: string[] = []
  await using _keeping = keepDisk({
    store,
    dataDir: folder,
    host: "here",
    log: createLogger({ part: "test", level: "silent" }),
    release: ({ team, repo }) => void released.push(`${team}/${repo}`),
  })
  await expect.poll(async () => (await store.disk.reports()).length).toBe(1)
  const room = join(folder, `workspaces/worker_2/${discardedAtWork}-1`)
  mkdirSync(room, { recursive: true })
  const wish = async () => {
    const at = await store.disk.wish("default", "shop")
    await expect.poll(async () => (await shop(store))?.reclaimedAt).toBeGreaterThanOrEqual(at)
    const refs = git("for-each-ref", "--format=%(refname)", "refs/twolane", "refs/heads/twolane")
    return [lost, chosen, discardedAtWork].map(
      task => refs.split("\n").filter(ref => ref.includes(task)).length,
    )
  }
  const there = () =>
    commits.map(commit => git("cat-file", "--batch-all-objects", "--batch-check").includes(commit))
  // What has a workspace is left alone, and so is everything that is not pointed at beside it.
  expect(await wish()).toEqual([0, 2, 2])
  rmSync(room, { recursive: true })
  expect(await wish()).toEqual([0, 2, 0])
  expect(there()).toEqual([true, true, true])
  const old = new Date(Date.now() - 2 * 3_600_000)
  // What a ref keeps is in a pack by now.
  for (const commit of [commits[0], commits[2]].map(String))
    utimesSync(join(mirror, "objects", commit.slice(0, 2), commit.slice(2)), old, old)
  expect(await wish()).toEqual([0, 2, 0])
  expect(there()).toEqual([false, true, false])
  expect(released).toEqual(["default/shop", "default/shop", "default/shop"])
})
