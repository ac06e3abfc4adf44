import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { createLogger } from "@twolane/common"
import { derivedId, type NewEvent, noUsage } from "@twolane/protocol"
import { openShelf, openStore, type Store } from "@twolane/store"
import { makeRepo, makeTempFolder, startRedis } from "@twolane/testkit"
import { expect, test } from "vitest"
import { keepDisk } from "../src/index.ts"

const team = "default"
const repo = "shop"
const by = { key: "key_1", name: "Ada" }
const dayMs = 86_400_000

/** Submits a task of so many days ago, whose turn has succeeded unless it is open. */
const submit = async (store: Store, daysAgo: number, open = false): Promise<string> => {
  const at = Date.now() - daysAgo * dayMs
  const task = derivedId("task", at, randomBytes(16))
  const turn = task.replace("task", "turn")
  const said = { prompt: "mend it", by, at }
  const created: Omit<Extract<NewEvent, { type: "task.created" }>, keyof typeof said> = {
    type: "task.created",
    team,
    repo,
    title: "mend it",
    origin: "api",
    labels: [],
    priority: "normal",
    base: null,
    baseAtSubmit: null,
    turn: null,
  }
  const queued = { type: "turn.queued", lane: "deep", position: null, reason: "", options: {}, turn } as const
  const ended = { type: "turn.ended", turn, at, outcome: { status: "succeeded" }, usage: noUsage } as const
  const events = [
    { ...created, ...said },
    { ...queued, ...said },
  ]
  await store.create({ team, task, events: open ? events : [...events, ended] })
  return task
}

test("the refs of a task go once its record is deleted by policy, and those of no other task", async () => {
  await using undo = new AsyncDisposableStack()
  const redis = undo.use(await startRedis())
  const folder = undo.use(await makeTempFolder("twl-refs-"))
  const source = undo.use(await makeRepo({ files: { "a.txt": "one\n" } }))
  const lines: string[] = []
  const archive = openShelf({
    keepDays: 1,
    archiveDays: null,
    archive: { folder: join(folder.path, "archive") },
  })
  const store = undo.use(
    await openStore({
      url: redis.url,
      secretKey: randomBytes(32).toString("base64url"),
      onError: error => void lines.push(String(error)),
      ...(archive === undefined ? {} : { archive }),
    }),
  )
  const mirror = join(folder.path, `mirrors/${team}/${repo}.git`)
  mkdirSync(dirname(mirror), { recursive: true })
  execFileSync("git", ["clone", "--quiet", "--bare", "--no-local", source.path, mirror])
  const git = (...args: string[]) => execFileSync("git", ["-C", mirror, ...args], { encoding: "utf8" })
  const head = git("rev-parse", "HEAD").trim()
  const refsOf = (task: string) => [
    `refs/heads/twolane/${task}`,
    `refs/twolane/${task}/1/1`,
    `refs/twolane/${task}/2/1`,
  ]
  const refs = () =>
    git("for-each-ref", "--format=%(refname)", "refs/heads/twolane", "refs/twolane")
      .trim()
      .split("\n")
      .toSorted()

  const old = await submit(store, 400)
  const archived = await submit(store, 40)
  const waiting = await submit(store, 500, true)
  // Nobody has written down what became of it: a Redis that was lost knows no task.
  const unknown = derivedId("task", Date.now() - 600 * dayMs, randomBytes(16))
  const all = [old, archived, waiting, unknown]
  for (const ref of all.flatMap(refsOf)) git("update-ref", ref, head)
  await store.list(team, {}, { limit: 1 })

  const log = createLogger({
    part: "test",
    level: "debug",
    destination: { write: (line: string) => void lines.push(line) },
  })
  await using _keeping = keepDisk({ store, dataDir: folder.path, host: "here", log })
  const sweep = (dropMs: number | null) =>
    store.archive.sweep({ keepMs: 30 * dayMs, dropMs }, async () => true)
  expect(await sweep(null)).toMatchObject({ archived: 2, dropped: 0 })
  await expect.poll(async () => (await store.disk.reports()).length).toBe(1)
  expect(refs()).toEqual(all.flatMap(refsOf).toSorted())

  expect(await sweep(365 * dayMs)).toMatchObject({ dropped: 1 })
  await expect.poll(refs).toEqual([archived, waiting, unknown].flatMap(refsOf).toSorted())
  expect(await store.archive.dropped(new Map())).toMatchObject([{ team, repo, task: old }])
  expect(await store.read({ team, task: archived })).toMatchObject({ id: archived })
  // What a task stood on is still there for whoever stands on it as well.
  expect(git("cat-file", "-t", head).trim()).toBe("commit")
  expect(lines.filter(line => line.includes("not looked after"))).toEqual([])
})
