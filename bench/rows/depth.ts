import { join } from "node:path"
import { newId, system } from "@twolane/protocol"
import { openShelf, type Store } from "@twolane/store"
import { startRedis } from "@twolane/testkit"
import { cancelTask } from "../../apps/gateway/src/decide/cancel.ts"
import { openRawQueue, payload, type RawQueue } from "../floors/raw-queue.ts"
import { type Contender, fiveRounds, inTurns, median, preciseNow, timed } from "../measure.ts"
import { openFolder } from "../ours/depth-folder.ts"
import { archiveAll, fillFinished } from "../ours/finished.ts"
import { seedFinished } from "../ours/seed-finished.ts"
import { endWell, newTask, openBenchStore, team } from "../ours/store.ts"
import { usedBytes } from "../redis-profile.ts"
import { compare, type Line, type MeasureRow } from "../row.ts"

/** Waiting and finished tasks. The finished ones are archived; the newest of them went there by way of the store. */
const depths = {
  few: { waiting: 1_000, finished: 1_000, through: 200 },
  many: { waiting: 100_000, finished: 1_000_000, through: 200 },
} as const
type Depth = (typeof depths)[keyof typeof depths]
const perCall = 250
const samplesPerRound = 20
const repos = 50
const pageOf = 50
const goalBytes = 1_024

/** What every operation costs with few and with many tasks there, and a page of 50 against BullMQ's. */
export const run: MeasureRow = async ({ signal }) => {
  await using stack = new AsyncDisposableStack()
  const [few, many] = [await fill(depths.few, stack, signal), await fill(depths.many, stack, signal)]
  const lines: Line[] = [many.memory]
  for (const name of Object.keys(operations) as Operation[]) {
    const act = operations[name]
    const found = await inTurns({ few: samples(few, act), many: samples(many, act) }, fiveRounds(signal))
    console.error(`  ${name}: ${median(found.few).toFixed(2)}, ${median(found.many).toFixed(2)} ms`)
    lines.push(compare(name, "ms", { floor: median(found.few), ours: median(found.many) }, { atMost: 1.3 }))
  }
  for (const at of [few, many]) {
    const found = await inTurns(
      {
        floor: samples(at, ({ raw }) => raw.queue.getJobs(["prioritized"], 0, pageOf - 1)),
        ours: samples(at, operations["page of 50"]),
      },
      fiveRounds(signal),
    )
    const medians = { floor: median(found.floor), ours: median(found.ours) }
    const waiting = at.waiting.length.toLocaleString("en")
    lines.push(compare(`page of 50 at ${waiting} against getJobs`, "ms", medians, { atMost: 0.4 }))
  }
  lines.push(await handOff(few, many, signal))
  const words = ({ waiting, finished }: Depth) =>
    `${waiting.toLocaleString("en")} waiting and ${finished.toLocaleString("en")} finished tasks`
  return {
    lines,
    profile: [
      `but for memory and the comparison with getJobs, the floor is the same operation with ${words(depths.few)}, ours with ${words(depths.many)}`,
      `a sweep of the archive over all of them took ${(many.sweepMs / 1_000).toFixed(1)} s`,
    ],
  }
}

/** A Redis with so many tasks in the product's store, and as many jobs in BullMQ's own queue as tasks wait. */
type Filled = {
  store: Store
  raw: RawQueue
  waiting: readonly string[]
  /** Finished tasks that the archive has. */
  archived: readonly string[]
  memory: Line
  sweepMs: number
  next: number
}

const fill = async (depth: Depth, stack: AsyncDisposableStack, signal: AbortSignal): Promise<Filled> => {
  const folder = stack.use(await openFolder(depth))
  // Its file is not written anew in the middle of a measurement, theirs as little as ours.
  const settings = { "auto-aof-rewrite-percentage": "0", dir: join(folder.path, "redis") }
  const redis = stack.use(await startRedis({ settings }))
  const raw = stack.use(openRawQueue(redis.url))
  const archive = openShelf({
    keepDays: 1,
    archiveDays: null,
    archive: { folder: join(folder.path, "archive") },
  })
  const store = stack.use(await openBenchStore(redis.url, { archive }))
  stack.use(store.startUpkeep())
  const done = await folder.read()
  if (done.bytes === null) {
    const before = await usedBytes(raw.client)
    await seedFinished(
      redis.url,
      { count: depth.finished - depth.through, until: store.now() - dayMs },
      signal,
    )
    done.bytes = ((await usedBytes(raw.client)) - before) / (depth.finished - depth.through)
    done.archived = await fillFinished(store, { count: depth.through, steps: 1, archive: false }, signal)
    await folder.write(done)
    console.error(`  ${depth.finished} finished tasks are there`)
  }
  while (done.waiting.length < depth.waiting) {
    signal.throwIfAborted()
    const numbers = Array.from({ length: perCall }, (_, index) => done.waiting.length + index)
    const tasks = numbers.map(index => newTask(index, store.now(), `repo-${index % repos}`))
    await Promise.all([
      store.createMany(tasks),
      raw.queue.addBulk(
        numbers.map(index => ({ name: "task", data: payload(index), opts: { priority: 1 } })),
      ),
    ])
    done.waiting.push(...tasks.map(({ task }) => task))
    if (done.waiting.length % 10_000 === 0) await folder.write(done)
  }
  await folder.write(done)
  console.error(`  ${depth.waiting} waiting tasks are there`)
  const sweepMs = done.sweepMs ?? (await timed(() => archiveAll(store)))
  await folder.write({ ...done, sweepMs })
  console.error(`  they were swept`)
  return { store, raw, ...done, memory: memoryLine(depth.finished, done.bytes), sweepMs, next: 0 }
}

const dayMs = 86_400_000

const memoryLine = (finished: number, ours: number): Line => ({
  what: `left in Redis of a finished task, of ${finished.toLocaleString("en")}`,
  floor: null,
  ours,
  unit: "B",
  ratio: null,
  goal: "≤ 1 KB",
  ok: ours <= goalBytes,
})

const someTask = (filled: Filled): string => {
  // From the middle on, so that cancels and hand-offs do not meet.
  const { waiting } = filled
  filled.next += 1
  const task = waiting[Math.floor(waiting.length / 2) + (filled.next % Math.floor(waiting.length / 2))]
  if (task === undefined) throw new Error("no task waits")
  return task
}

const operations = {
  submit: ({ store }: Filled) => store.create(newTask(0, store.now(), "repo-0")),
  state: (filled: Filled) => filled.store.read({ team, task: someTask(filled) }),
  "state, archived": ({ store, archived }: Filled) =>
    store.read({ team, task: archived[Math.floor(Math.random() * archived.length)] ?? "" }),
  "page of 50": ({ store }: Filled) => store.list(team, { lane: "deep" }, { limit: pageOf }),
  "page of 50 finished": ({ store }: Filled) =>
    store.list(team, { status: "succeeded", lane: "deep" }, { limit: pageOf }),
  "the queue's counts": ({ store }: Filled) => store.queue(team, "deep"),
  counts: ({ store }: Filled) => store.counts(team, {}),
  "counts of a lane": ({ store }: Filled) => store.counts(team, { lane: "deep" }),
  "counts of a repo": ({ store }: Filled) => store.counts(team, { repo: "repo-1" }),
  "cancel a queued task": async (filled: Filled) => {
    const task = someTask(filled)
    const decide = (state: Parameters<typeof cancelTask>[0], now: number) =>
      cancelTask(state, { by: system }, now)
    await filled.store.change({ team, task, decide })
  },
} as const
type Operation = keyof typeof operations

const samples =
  (filled: Filled, act: (filled: Filled) => Promise<unknown>): Contender =>
  async () => {
    const figures: number[] = []
    for (let index = 0; index < samplesPerRound; index += 1) figures.push(await timed(() => act(filled)))
    return figures
  }

/** From one turn's written end to the next one's start, in a worker with one slot. */
const handOff = async (few: Filled, many: Filled, signal: AbortSignal): Promise<Line> => {
  const turns =
    ({ store }: Filled): Contender =>
    () =>
      runTurns(store, samplesPerRound, signal)
  const found = await inTurns({ few: turns(few), many: turns(many) }, fiveRounds(signal))
  return compare(
    "hand-off to a worker",
    "ms",
    { floor: median(found.few), ours: median(found.many) },
    { atMost: 1.3 },
  )
}

const runTurns = async (store: Store, count: number, signal: AbortSignal): Promise<number[]> => {
  const gaps: number[] = []
  const enough = Promise.withResolvers<void>()
  let endedAt: number | null = null
  await using _worker = await store.startWorker({
    lane: "deep",
    id: newId("worker"),
    capacity: 1,
    version: "bench",
    sandbox: "none",
    host: "bench",
    started: () => ({ model: "none", engine: "noop" }),
    holding: () => null,
    run: async attempt => {
      if (endedAt !== null) gaps.push(preciseNow() - endedAt)
      await attempt.write((state, now) => endWell(state, attempt.turn, now))
      endedAt = preciseNow()
      if (gaps.length >= count) enough.resolve()
    },
    deliver: async () => ({ ok: false, code: "internal", detail: "the bench delivers nothing" }),
  })
  signal.addEventListener("abort", () => enough.reject(signal.reason), { once: true })
  await enough.promise
  return gaps
}
