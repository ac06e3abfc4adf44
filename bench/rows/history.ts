import { mkdtemp, readdir, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Store } from "@twolane/store"
import { openShelf } from "@twolane/store"
import { startRedis } from "@twolane/testkit"
import { Redis } from "ioredis"
import { type Contender, fiveRounds, inTurns, median, timed } from "../measure.ts"
import { archiveAll, fillFinished } from "../ours/finished.ts"
import { openBenchStore, team } from "../ours/store.ts"
import { usedBytes } from "../redis-profile.ts"
import { compare, type Line, type MeasureRow } from "../row.ts"

const few = 100
const many = { usually: 20_000, full: 50_000 }
const measured = 2_000
const typicalSteps = 30
const samplesPerRound = 20
const goalBytes = 1_024

/** What finished tasks take in Redis and in the archive, and what lists and reads cost beside many of them. */
export const run: MeasureRow = async ({ full, signal }) => {
  const count = full ? many.full : many.usually
  const memory = await measureMemory(signal)
  await using stack = new AsyncDisposableStack()
  const beside = stack.use(await fill(few, stack, signal))
  const over = stack.use(await fill(count, stack, signal))
  const lines: Line[] = [...memory]
  for (const [name, act] of Object.entries(operations)) {
    const found = await inTurns({ few: samples(beside, act), many: samples(over, act) }, fiveRounds(signal))
    const medians = { floor: median(found.few), ours: median(found.many) }
    lines.push(compare(name, "ms", medians, { atMost: 1.3 }))
  }
  for (const [name, act] of Object.entries(archived)) {
    const found = await inTurns(
      { live: samples({ ...over, old: over.live }, act), away: samples(over, act) },
      fiveRounds(signal),
    )
    const medians = { floor: median(found.live), ours: median(found.away) }
    lines.push({ ...compare(name, "ms", medians, { atMost: 1.3 }), goal: "reported", ok: null })
  }
  return {
    lines,
    profile: [
      `a finished task has ${typicalSteps} steps where memory is measured, and one where time is`,
      `${few} live ones and ${count.toLocaleString("en")} archived ones against ${few} live and ${few} archived ones; an archived task against a live one`,
    ],
  }
}

/** So many archived tasks, and above them, newer, live ones. */
type Filled = { store: Store; old: string[]; live: string[] }

const fill = async (count: number, stack: AsyncDisposableStack, signal: AbortSignal) => {
  const { store } = await openHistory(stack)
  const old = await fillFinished(store, { count, steps: 1, archive: true }, signal)
  const live = await fillFinished(store, { count: few, steps: 1, archive: false }, signal)
  await store.list(team, {}, { limit: 1 })
  return { store, old, live, [Symbol.asyncDispose]: async () => {} }
}

const openHistory = async (stack: AsyncDisposableStack) => {
  const redis = stack.use(await startRedis())
  const folder = await mkdtemp(join(tmpdir(), "twl-history-"))
  stack.defer(() => rm(folder, { recursive: true }))
  const archive = openShelf({ keepDays: 1, archiveDays: null, archive: { folder } })
  const store = stack.use(await openBenchStore(redis.url, { archive }))
  return { store, folder, redis }
}

const some = (tasks: readonly string[]): string => tasks[Math.floor(Math.random() * tasks.length)] ?? ""

/** What goes on with live tasks, beside few and beside many archived ones. */
const operations: Record<string, (filled: Filled) => Promise<unknown>> = {
  "state of a live task": ({ store, live }) => store.read({ team, task: some(live) }),
  "its events": ({ store, live }) => store.events({ team, task: some(live) }, "0-0", 50),
  "newest 50": ({ store }) => store.list(team, {}, { limit: 50 }),
  "newest 50 of a status": ({ store }) => store.list(team, { status: "succeeded" }, { limit: 50 }),
  counts: ({ store }) => store.counts(team, {}),
}

/** Reads of one task, or of a page, wherever it is. */
const archived: Record<string, (filled: Filled) => Promise<unknown>> = {
  "state, archived": ({ store, old }) => store.read({ team, task: some(old) }),
  "events, archived": ({ store, old }) => store.events({ team, task: some(old) }, "0-0", 50),
  "50 tasks, archived": ({ store, old }) =>
    store.readMany(
      team,
      Array.from({ length: 50 }, () => some(old)),
    ),
}

const samples =
  (filled: Filled, act: (filled: Filled) => Promise<unknown>): Contender =>
  async () => {
    const figures: number[] = []
    for (let index = 0; index < samplesPerRound; index += 1) figures.push(await timed(() => act(filled)))
    return figures
  }

const measureMemory = async (signal: AbortSignal): Promise<Line[]> => {
  await using stack = new AsyncDisposableStack()
  const { store, folder, redis } = await openHistory(stack)
  const client = new Redis(redis.url)
  stack.defer(() => client.disconnect())
  // What is there once is not counted to each task.
  await fillFinished(store, { count: 100, steps: 1, archive: true }, signal)
  const before = await usedByTasks(client)
  await fillFinished(store, { count: measured, steps: typicalSteps, archive: false }, signal)
  const live = ((await usedByTasks(client)) - before) / measured
  const tookMs = await timed(() => archiveAll(store))
  const left = ((await usedByTasks(client)) - before) / measured
  const inRedis = compare(
    "left in Redis of an archived task",
    "B",
    { floor: live, ours: left },
    { atMost: 1 },
  )
  return [
    { ...inRedis, goal: "≤ 1 KB", ok: left <= goalBytes },
    {
      what: "in its file",
      floor: live,
      ours: await meanSize(folder),
      unit: "B",
      ratio: null,
      goal: "reported",
      ok: null,
    },
    {
      what: "archiving",
      floor: null,
      ours: measured / (tookMs / 1_000),
      unit: "/s",
      ratio: null,
      goal: "reported",
      ok: null,
    },
  ]
}

/** Without the team's stream, which has the newest events of all tasks once more for a day. */
const usedByTasks = async (client: Redis): Promise<number> => {
  await client.del(`tl:{team:${team}}:events`)
  return await usedBytes(client)
}

const meanSize = async (folder: string): Promise<number> => {
  const files = (await readdir(join(folder, team), { recursive: true })).filter(name =>
    name.includes("task_"),
  )
  const sizes = await Promise.all(files.map(async name => (await stat(join(folder, team, name))).size))
  // The first hundred are small ones.
  const typical = sizes.toSorted((a, b) => b - a).slice(0, measured)
  return typical.reduce((sum, size) => sum + size, 0) / typical.length
}
