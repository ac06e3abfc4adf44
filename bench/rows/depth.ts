import { newId, system } from "@twolane/protocol"
import type { NewTask, Store } from "@twolane/store"
import { startRedis } from "@twolane/testkit"
import { cancelTask } from "../../apps/gateway/src/decide/cancel.ts"
import { openRawQueue, payload, type RawQueue } from "../floors/raw-queue.ts"
import { type Contender, fiveRounds, inTurns, median, preciseNow, timed } from "../measure.ts"
import { endWell, newTask, openBenchStore, team } from "../ours/store.ts"
import { compare, type Line, type MeasureRow } from "../row.ts"

const depths = [1_000, 100_000] as const
const perCall = 250
const samplesPerRound = 20
const repos = 50
const pageOf = 50

/** What every operation costs with few and with many tasks waiting, and a page of 50 against BullMQ's. */
export const run: MeasureRow = async ({ signal }) => {
  await using stack = new AsyncDisposableStack()
  const [few, many] = [await fill(depths[0], stack, signal), await fill(depths[1], stack, signal)]
  const lines: Line[] = []
  for (const name of Object.keys(operations) as Operation[]) {
    const act = operations[name]
    const found = await inTurns({ few: samples(few, act), many: samples(many, act) }, fiveRounds(signal))
    lines.push(compare(name, "ms", { floor: median(found.few), ours: median(found.many) }, { atMost: 1.3 }))
  }
  for (const [depth, at] of [
    [depths[0], few],
    [depths[1], many],
  ] as const) {
    const found = await inTurns(
      {
        floor: samples(at, ({ raw }) => raw.queue.getJobs(["prioritized"], 0, pageOf - 1)),
        ours: samples(at, operations["page of 50"]),
      },
      fiveRounds(signal),
    )
    const medians = { floor: median(found.floor), ours: median(found.ours) }
    lines.push(
      compare(`page of 50 at ${depth.toLocaleString("en")} against getJobs`, "ms", medians, { atMost: 0.4 }),
    )
  }
  lines.push(await handOff(few, many, signal))
  return {
    lines,
    profile: [
      `but for the comparison with getJobs, the floor is the same operation with ${depths[0]} tasks waiting`,
    ],
  }
}

/** A Redis with so many tasks waiting in the product's store, and as many jobs in BullMQ's own queue. */
type Filled = { store: Store; raw: RawQueue; waiting: NewTask[]; next: number }

const fill = async (depth: number, stack: AsyncDisposableStack, signal: AbortSignal): Promise<Filled> => {
  const redis = stack.use(await startRedis())
  const raw = stack.use(openRawQueue(redis.url))
  const store = stack.use(await openBenchStore(redis.url))
  stack.use(store.startUpkeep())
  const waiting: NewTask[] = []
  for (let at = 0; at < depth; at += perCall) {
    signal.throwIfAborted()
    const numbers = Array.from({ length: perCall }, (_, index) => at + index)
    const tasks = numbers.map(index => newTask(index, store.now(), `repo-${index % repos}`))
    await store.createMany(tasks)
    waiting.push(...tasks)
    await raw.queue.addBulk(
      numbers.map(index => ({ name: "task", data: payload(index), opts: { priority: 1 } })),
    )
  }
  return { store, raw, waiting, next: 0 }
}

const someTask = (filled: Filled): NewTask => {
  // From the middle on, so that cancels and hand-offs do not meet.
  const { waiting } = filled
  filled.next += 1
  const task = waiting[Math.floor(waiting.length / 2) + (filled.next % Math.floor(waiting.length / 2))]
  if (task === undefined) throw new Error("no task waits")
  return task
}

const operations = {
  submit: ({ store }: Filled) => store.create(newTask(0, store.now(), "repo-0")),
  state: (filled: Filled) => filled.store.read({ team, task: someTask(filled).task }),
  "page of 50": ({ store }: Filled) => store.list(team, { lane: "deep" }, { limit: pageOf }),
  counts: ({ store }: Filled) => store.queue(team, "deep"),
  "cancel a queued task": async (filled: Filled) => {
    const { task } = someTask(filled)
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
