import fc from "fast-check"
import { Redis } from "ioredis"
import { describe, expect, test } from "vitest"
import type { Active, Entry } from "../src/queue/entry.ts"
import { pick } from "../src/queue/pick.ts"
import type { Limits } from "../src/queue/room.ts"
import { noShares } from "../src/queue/shares.ts"
import { type Line, slotsFor } from "../src/queue/wanted.ts"
import { loadScripts, scriptRunner } from "../src/redis/script.ts"
import { entry, now, running } from "./entries.ts"
import { startBench } from "./open-for-test.ts"

const rules: Limits = {
  limits: { perRepo: 2 },
  paused: false,
  pausedRepos: new Set(),
  stops: new Map(),
  seats: [],
}

describe("how many more turns could run", () => {
  const line = (name: string, count: number): Line => ({ name, count, head: 3e13 + now })
  const of = (lines: Line[], active: Active[] = [], more: Partial<Limits> = {}) =>
    slotsFor({ lines, active, rules: { ...rules, ...more }, now }).map(({ slots }) => slots)

  test("is one for each that lacks nothing else, whoever is there", () => {
    expect(of([])).toEqual([])
    expect(of([line("default/shop/alice", 2)])).toEqual([2])
    const full = [{ id: "w1", host: "h1", capacity: 1, holding: "disk nearly full" }]
    expect(of([line("default/shop/alice", 1)], [running({ repo: "other" })], { seats: full })).toEqual([1])
  })

  test("is none for what a limit, a pause or a used-up budget holds back", () => {
    const both = [line("default/shop/alice", 5), line("default/shop/bob", 5)]
    expect(of(both)).toEqual([2])
    expect(of([line("default/shop", 5), ...both], [running()])).toEqual([1])
    expect(of(both, [running(), running({ turn: "turn_s" })])).toEqual([])
    expect(of(both, [], { paused: true })).toEqual([])
    expect(of(both, [], { pausedRepos: new Set(["default/shop"]) })).toEqual([])
    expect(of(both, [], { limits: { perRepo: 9, perPerson: 1 } })).toEqual([1, 1])
    const stop = { which: "usd" as const, used: 1, limit: 1, month: "2026-11", resetsAt: now + 1 }
    expect(of(both, [], { stops: new Map([["default", stop]]) })).toEqual([])
  })

  test("is what the providers of those who are there have left", () => {
    const seats = ["h1", "h2"].map(host => ({ id: host, host, capacity: 1, provider: `${host}.example` }))
    const limits = { perRepo: 9, perProvider: 2 }
    expect(of([line("default/shop/alice", 9)], [], { seats, limits })).toEqual([4])
  })

  test("is as many as the picker would choose if there were room", () => {
    const crowd = fc.record({
      team: fc.constantFrom("a", "b"),
      repo: fc.constantFrom("x", "y", "z"),
      who: fc.constantFrom("alice", "bob"),
      count: fc.integer({ min: 1, max: 6 }),
    })
    const limit = fc.integer({ min: 1, max: 9 })
    const nameOf = (one: { team: string; repo: string; who: string }) => `${one.team}/${one.repo}/${one.who}`
    fc.assert(
      fc.property(
        fc.uniqueArray(crowd, { selector: nameOf }),
        fc.record({ perRepo: limit, perTeam: limit }),
        (crowds, limits) => {
          const waiting = crowds.map(({ count, ...names }) =>
            Array.from({ length: count }, (_, index) =>
              entry({ ...names, turn: `${nameOf(names)}${index}` }),
            ),
          )
          const seats = [{ id: "w", host: "h", capacity: 1_000 }]
          const chosen = pick({
            waiting,
            active: [],
            rules: { ...rules, limits, seats },
            shares: noShares,
            now,
          })
          const counted = of(
            crowds.map(each => line(nameOf(each), each.count)),
            [],
            { limits },
          )
          expect(counted.reduce((sum, slots) => sum + slots, 0)).toBe(chosen.picks.length)
        },
      ),
    )
  })
})

describe("what a scrape costs", () => {
  test("is the same number of Redis commands, and hardly more bytes, at a hundred times the queue", async () => {
    await using bench = await startBench()
    const store = await bench.open({ perRepo: 3 })
    const redis = new Redis(bench.url)
    const run = scriptRunner(redis, loadScripts())
    const since = store.now() - 60_000
    /** Queues turns of many people in many repos, as their writers do. */
    const queue = async (from: number, to: number) => {
      const rows = Array.from({ length: to - from }, (_, index): (string | number)[] => {
        const at = from + index
        const one: Entry = {
          team: "default",
          task: `task_${at}`,
          turn: `turn_${at}`,
          repo: `repo-${at % 40}`,
          who: `key_${at % 7}`,
          score: 3e13 + since + at,
          queuedAt: since + at,
          // Due for less long than it was queued.
          ...(at % 40 === 0 ? { notBefore: since + 50_000 } : {}),
        }
        return [`default/${one.task}`, 1, "wait", JSON.stringify(one), "", ""]
      })
      await run("queue-settle", ["tl:{queue:deep}:"], ["0", rows.length, ...rows.flat()])
    }
    const total = async (pattern: RegExp, section: string) =>
      [...(await redis.info(section)).matchAll(pattern)].reduce((sum, [, amount]) => sum + Number(amount), 0)
    const scrape = async () => {
      await redis.config("RESETSTAT")
      const from = store.now()
      const [{ waiting, wanted }] = [await store.depth("deep"), await store.totals(), await store.budgets()]
      const commands = await total(/^cmdstat_(?!config|info)\S+:calls=(\d+)/gm, "commandstats")
      const waits = { least: from - since - 1, most: store.now() - since - 1 }
      return {
        waiting,
        wanted,
        waits,
        commands,
        bytes: await total(/^total_net_output_bytes:(\d+)/gm, "stats"),
      }
    }
    await queue(0, 40)
    await scrape()
    const few = await scrape()
    expect(few).toMatchObject({ waiting: 40, wanted: { slots: 40 } })
    for (let from = 40; from < 4_000; from += 495) await queue(from, from + 495)
    const many = await scrape()
    expect(many).toMatchObject({ waiting: 4_000, wanted: { slots: 120 } })
    // Of the oldest line the first turn has only now come due, the one after it waits longest.
    for (const { wanted, waits } of [few, many]) {
      // Redis' clock as this process reckons it is off by the way there.
      expect(wanted.waitMs).toBeGreaterThan(waits.least - 1_000)
      expect(wanted.waitMs).toBeLessThan(waits.most + 1_000)
    }
    expect(many.commands).toBe(few.commands)
    expect(many.bytes - few.bytes).toBeLessThan(30_000)
    redis.disconnect()
  })
})
