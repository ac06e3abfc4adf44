import { beforeFirst, type EventId } from "@twolane/protocol"
import type { Store } from "@twolane/store"
import { startRedis } from "@twolane/testkit"
import { Redis } from "ioredis"
import { type Child, startChild } from "../child.ts"
import { inTurns, median, timed } from "../measure.ts"
import type { RecordedInput, RecordedOrder, RecordedSays } from "../ours/recorded.ts"
import { openBenchStore, team } from "../ours/store.ts"
import { cpuOfRedis } from "../redis-profile.ts"
import { compare, type MeasureRow } from "../row.ts"

const streams = 20
const order: RecordedOrder = { tokens: 1_000, rate: 1_000 }
const replayed = 10_000
const pageSize = 500
/** The code of all ways is compiled by then: a worker runs for weeks. */
const warmUps = 4

/** What it costs, in the recording process and in Redis together, to record 20 streams; and how fast a record is read again. */
export const run: MeasureRow = async ({ signal }) => {
  await using redis = await startRedis()
  const client = new Redis(redis.url)
  const start = (way: RecordedInput["way"], many = streams) =>
    startRecorded({ url: redis.url, way, streams: many }, signal)
  await using none = await start("none")
  await using each = await start("each")
  await using held = await start("held")
  await using ours = await start("ours")
  const cost = (child: Child<RecordedSays>) => async () => {
    const before = await cpuOfRedis(client)
    const { cpuMs } = await record(child, order, signal)
    const seconds = cpuMs / 1_000 + (await cpuOfRedis(client)) - before
    return (seconds / (order.tokens * streams)) * 1e6
  }
  const ways = { none: cost(none), each: cost(each), held: cost(held), ours: cost(ours) }
  const found = await inTurns(ways, { warmUps, rounds: 7, signal })
  const net = {
    floor: median(found.each) - median(found.none),
    ours: median(found.ours) - median(found.held),
  }

  await using store = await openBenchStore(redis.url)
  const long: RecordedOrder = { tokens: replayed, rate: 20_000 }
  await using eachLong = await start("each", 1)
  await using oursLong = await start("ours", 1)
  const naive = (await record(eachLong, long, signal)).keep
  const task = (await record(oursLong, long, signal)).keep
  const read = await inTurns(
    { floor: () => timed(() => readNaive(client, naive)), ours: () => timed(() => readOurs(store, task)) },
    { warmUps: 2, rounds: 10, signal },
  )
  client.disconnect()
  return {
    lines: [
      { ...compare("CPU s per million tokens, net", "s", net, { atMost: 1 / 6 }), goal: "≤ 1/6 ×" },
      {
        ...compare(
          "what 10,000 tokens left, read again",
          "ms",
          { floor: median(read.floor), ours: median(read.ours) },
          { atMost: 1 / 4 },
        ),
        goal: "≤ 1/4 ×",
      },
    ],
    profile: [
      `20 streams at 1,000 tokens/s, CPU s per million: ${Object.entries(found)
        .map(([way, all]) => `${way} ${median(all).toFixed(2)}`)
        .join(", ")}; each way less its control (none, held)`,
    ],
  }
}

const startRecorded = async (input: RecordedInput, signal: AbortSignal): Promise<Child<RecordedSays>> => {
  const child = startChild<RecordedSays>("ours/recorded.ts", input)
  await child.next(signal)
  return child
}

const record = async (child: Child<RecordedSays>, wanted: RecordedOrder, signal: AbortSignal) => {
  child.send(wanted)
  const said = await child.next(signal)
  if ("ready" in said) throw new Error("it was ready before")
  return said
}

/** Page by page, as one reads a long log; each entry is parsed. */
const readNaive = async (client: Redis, stream: string): Promise<void> => {
  let last = "-"
  let count = 0
  for (;;) {
    const page = await client.xrange(stream, last, "+", "COUNT", pageSize)
    for (const [, fields] of page) count += typeof JSON.parse(fields[1] ?? "") === "object" ? 1 : 0
    if (page.length < pageSize) break
    last = `(${page.at(-1)?.[0] ?? ""}`
  }
  if (count <= replayed) throw new Error(`only ${count} entries were read`)
}

const readOurs = async (store: Store, task: string): Promise<void> => {
  let last: EventId = beforeFirst
  let chars = 0
  for (;;) {
    const page = await store.events({ team, task }, last, pageSize)
    for (const event of page) if (event.type === "message.done") chars += event.text.length
    last = page.at(-1)?.id ?? last
    if (page.length < pageSize) break
  }
  if (chars !== replayed * 4) throw new Error(`${chars} characters were read`)
}
