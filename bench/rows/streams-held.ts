import { setTimeout as sleep } from "node:timers/promises"
import { type Child, startChild } from "../child.ts"
import { orderOf } from "../floors/ask-floor.ts"
import type { BroadcastSays } from "../floors/sse-broadcast.ts"
import { inTurns, median, quantile } from "../measure.ts"
import { costOfReaders, memoryOf } from "../ours/dead-readers.ts"
import { finish, openFastHouse } from "../ours/fast-house.ts"
import { compare, type MeasureRow } from "../row.ts"
import type { WatchersInput, WatchersSay } from "../watchers-child.ts"

const tasks = 10
const each = 1_000
const tokens = 3
const betweenMs = 1_000
/** The events of a turn's beginning have arrived by then. */
const delayMs = 1_500

/** Watchers of ten tasks: what they cost the gateway in memory, and how late the last of them hears a token that all are told at once. */
export const run: MeasureRow = async ({ signal }) => {
  await using bare = startChild<BroadcastSays>("floors/sse-broadcast.ts", {})
  const { listens } = await bare.next(signal)
  await using ours = await openFastHouse(signal, { concurrency: tasks })
  const { house } = ours
  const turns = Array.from({ length: tasks }, async () => finish(await ours.begin(orderOf({ tokens: 1 }))))
  const ids = (await Promise.all(turns)).map(({ task }) => task)
  const idle = { bare: memoryOf(bare.pid), ours: memoryOf(house.gateway.pid) }

  await using ofBare = await startWatchers({ url: listens, paths: ["/"], each: tasks * each }, signal)
  const paths = ids.map(id => `/v1/tasks/${id}/events?follow=always`)
  await using ofOurs = await startWatchers({ url: house.url, paths, each, apiKey: house.apiKey }, signal)
  const found = await inTurns(
    {
      bare: async () => {
        for (let index = 0; index < tokens; index += 1) {
          bare.send({ index })
          await sleep(betweenMs, undefined, { signal })
        }
        return heard(ofBare, signal)
      },
      ours: async () => {
        const order = () => orderOf({ tokens, rate: 1_000 / betweenMs, delayMs })
        await Promise.all(ids.map(async id => finish(await ours.next(id, order()))))
        await sleep(betweenMs, undefined, { signal })
        return heard(ofOurs, signal)
      },
    },
    { warmUps: 1, rounds: 5, signal },
  )
  const memory = { floor: memoryOf(bare.pid), ours: memoryOf(house.gateway.pid) }
  const p99 = { floor: quantile(found.bare, 0.99), ours: quantile(found.ours, 0.99) }
  const { task: flooded } = await finish(await ours.begin(orderOf({ tokens: 1 })))
  const readers = await costOfReaders(house, flooded, signal)
  const missed = found.bare.length - found.ours.length
  return {
    lines: [
      compare("10,000 watchers, memory of the process", "MB", memory, { atMost: 1.5 }),
      { ...compare("a token's delay, p99", "ms", p99, { atMost: 1 }), goal: "≤ 1 s", ok: p99.ours <= 1_000 },
      {
        what: "tokens that did not come",
        floor: null,
        ours: missed,
        unit: "tokens",
        ratio: null,
        goal: "0",
        ok: missed === 0,
      },
      {
        ...compare(
          "a dead reader among them, while 8 MB come",
          "KiB",
          { floor: readers.reading, ours: readers.dead },
          { atMost: 1 },
        ),
        ratio: null,
        goal: "≤ 256 KiB",
        ok: readers.dead <= 256,
      },
    ],
    profile: [
      `each token to 10,000 at once, p50 ms: bare ${median(found.bare).toFixed(0)}, ours ${median(found.ours).toFixed(0)}`,
      `MB without watchers: bare ${idle.bare.toFixed(0)}, ours ${idle.ours.toFixed(0)}; a watcher: ${perWatcher(memory.floor - idle.bare)}, ${perWatcher(memory.ours - idle.ours)}`,
    ],
  }
}

const perWatcher = (megabytes: number): string => `${((megabytes * 1_000) / (tasks * each)).toFixed(1)} kB`

const startWatchers = async (
  input: Omit<WatchersInput, "apiKey"> & { apiKey?: string },
  signal: AbortSignal,
): Promise<Child<WatchersSay>> => {
  const child = startChild<WatchersSay>("watchers-child.ts", { apiKey: "", ...input })
  await child.next(signal)
  return child
}

const heard = async (watchers: Child<WatchersSay>, signal: AbortSignal): Promise<number[]> => {
  watchers.send({})
  const said = await watchers.next(signal)
  return "delays" in said ? said.delays : []
}
