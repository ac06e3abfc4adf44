import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Active, Entry } from "../src/queue/entry.ts"
import { explain, medianOf } from "../src/queue/explain.ts"
import { freeSlots, hidesMore, pick, repoOf, roomLeft, type Seat } from "../src/queue/pick.ts"

const now = 1_000_000

const entry = (more: Partial<Entry> = {}): Entry => ({
  team: "default",
  task: "task_a",
  turn: "turn_a",
  repo: "shop",
  score: 3,
  queuedAt: 3,
  ...more,
})
const running = (more: Partial<Active> = {}): Active => ({
  team: "default",
  task: "task_r",
  turn: "turn_r",
  repo: "shop",
  state: "running",
  fence: "1",
  at: 1,
  host: "h1",
  worker: "w1",
  ...more,
})
const seat = (more: Partial<Seat> = {}): Seat => ({ id: "w1", host: "h1", capacity: 2, ...more })

const hosts = ["h1", "h2", "h3"]
const seats = fc
  .array(
    fc.record({
      host: fc.constantFrom(...hosts),
      capacity: fc.integer({ min: 0, max: 4 }),
      holding: fc.option(fc.constant("disk nearly full"), { nil: undefined }),
    }),
    { maxLength: 5 },
  )
  .map(list =>
    list.map(({ host, capacity, holding }, index) =>
      seat({ id: `w${index}`, host, capacity, ...(holding && { holding }) }),
    ),
  )
const entries = fc
  .array(
    fc.record({
      repo: fc.constantFrom("a", "b", "c"),
      score: fc.integer({ min: 1, max: 50 }),
      host: fc.option(fc.constantFrom(...hosts), { nil: undefined }),
      notBefore: fc.option(fc.integer({ min: now - 5, max: now + 5 }), { nil: undefined }),
    }),
    { maxLength: 20 },
  )
  .map(list =>
    list.map(({ repo, score, host, notBefore }, index) =>
      entry({
        repo,
        score,
        task: `task_${index}`,
        turn: `turn_${index}`,
        ...(host && { host }),
        ...(notBefore && { notBefore }),
      }),
    ),
  )
const actives = fc
  .array(
    fc.record({
      repo: fc.constantFrom("a", "b", "c"),
      worker: fc.constantFrom("w0", "w1", "w2", "gone"),
      host: fc.constantFrom(...hosts),
      ticketed: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map(list =>
    list.map(({ repo, worker, host, ticketed }, index) => {
      const { worker: _worker, ...ticket } = running({
        repo,
        host,
        turn: `turn_r${index}`,
        state: "ticketed",
      })
      return ticketed ? ticket : running({ repo, host, worker, turn: `turn_r${index}` })
    }),
  )
const situations = fc.record({ seats, entries, actives, perRepo: fc.integer({ min: 1, max: 3 }) })

const byRepo = (list: Entry[]): Entry[][] =>
  [...Map.groupBy(list, repoOf).values()].map(ofRepo => ofRepo.toSorted((a, b) => a.score - b.score))

const countOf = <Item>(items: readonly Item[], fits: (item: Item) => boolean) => items.filter(fits).length

describe("pick", () => {
  test("never gives out more tickets than a host has free slots, nor more turns of a repo than its limit", () => {
    fc.assert(
      fc.property(situations, ({ seats, entries, actives, perRepo }) => {
        const picks = pick(byRepo(entries), actives, { perRepo, paused: false, seats }, now)
        const free = freeSlots(actives, seats)
        for (const host of hosts)
          expect(countOf(picks, one => one.host === host)).toBeLessThanOrEqual(
            Math.max(0, free.get(host) ?? 0),
          )
        for (const repo of ["a", "b", "c"]) {
          const already = countOf(actives, one => one.repo === repo)
          const picked = countOf(picks, one => one.entry.repo === repo)
          expect(already + picked).toBeLessThanOrEqual(Math.max(already, perRepo))
        }
      }),
    )
  })

  test("passes nobody over: what stays waiting is blocked by its own limit, host, time, or by better turns", () => {
    fc.assert(
      fc.property(situations, ({ seats, entries, actives, perRepo }) => {
        const picks = pick(byRepo(entries), actives, { perRepo, paused: false, seats }, now)
        const picked = new Set(picks.map(one => one.entry.turn))
        const free = freeSlots(actives, seats)
        for (const { host } of picks) free.set(host, (free.get(host) ?? 0) - 1)
        for (const left of entries.filter(one => !picked.has(one.turn))) {
          const repoFull =
            countOf([...actives, ...picks.map(one => one.entry)], one => one.repo === left.repo) >= perRepo
          const room = left.host === undefined ? Math.max(0, ...free.values()) : (free.get(left.host) ?? 0)
          const blocked = repoFull || room <= 0 || (left.notBefore ?? 0) > now
          expect(blocked).toBe(true)
        }
      }),
    )
  })

  test("few heads at a look leave nobody behind that all of them would have found, and the looks end", () => {
    fc.assert(
      fc.property(situations, ({ seats, entries, actives, perRepo }) => {
        const limits = { perRepo, paused: false, seats }
        const left = new Set(entries)
        const active = [...actives]
        const all = entries.length + 1
        let heads = 1
        for (let looks = 0; ; looks += 1) {
          expect(looks).toBeLessThan(2 * entries.length + 2)
          const waiting = byRepo([...left]).map(row => row.slice(0, heads))
          const picks = pick(waiting, active, limits, now)
          const hidden = heads < all && hidesMore({ waiting, active, picks }, limits, heads)
          for (const { entry: picked, host } of picks) {
            left.delete(picked)
            const { team, task, turn, repo } = picked
            active.push({ team, task, turn, repo, state: "ticketed", fence: "1", at: now, host })
          }
          if (picks.length === 0 && !hidden) break
          heads = hidden ? all : Math.max(1, roomLeft({ active, picks: [] }, limits))
        }
        expect(pick(byRepo([...left]), active, limits, now)).toEqual([])
      }),
    )
  })

  test("goes by priority and age among turns that may run anywhere", () => {
    fc.assert(
      fc.property(situations, ({ seats, entries, perRepo }) => {
        const anywhere = entries.map(({ host: _host, notBefore: _notBefore, ...rest }) => rest)
        const picks = pick(byRepo(anywhere), [], { perRepo, paused: false, seats }, now)
        for (const ofRepo of byRepo(anywhere)) {
          const mine = picks.filter(one => one.entry.repo === ofRepo[0]?.repo).map(one => one.entry.score)
          expect(mine).toEqual(ofRepo.slice(0, mine.length).map(one => one.score))
        }
      }),
    )
  })

  test("the same situation in another order gives the same picks, and a pause gives none", () => {
    fc.assert(
      fc.property(situations, ({ seats, entries, actives, perRepo }) => {
        const limits = { perRepo, paused: false, seats }
        const lines = byRepo(entries)
        expect(pick(lines.toReversed(), actives, limits, now)).toEqual(pick(lines, actives, limits, now))
        expect(pick(lines, actives, { ...limits, paused: true }, now)).toEqual([])
      }),
    )
  })
})

describe("explain", () => {
  const around = {
    lane: "deep" as const,
    active: [] as Active[],
    limits: { perRepo: 2, paused: false, seats: [seat()] },
    durations: [1_000, 3_000, 2_000],
    now,
  }
  const first = { entry: entry(), ahead: 0, aheadInRepo: 0 }
  const full = [running({ repo: "x" }), running({ repo: "y", turn: "turn_s" })]

  test.each([
    [
      "paused",
      first,
      { ...around, limits: { ...around.limits, paused: true } },
      { position: 1, reason: "paused" },
    ],
    [
      "not due",
      { ...first, entry: entry({ notBefore: now + 500 }) },
      around,
      { position: 1, reason: "not before 1970-01-01T00:16:40.500Z", etaMs: 500 },
    ],
    [
      "no worker",
      first,
      { ...around, limits: { ...around.limits, seats: [] } },
      { position: 1, reason: "no deep worker is there" },
    ],
    [
      "no worker on its host",
      { ...first, entry: entry({ host: "h9" }) },
      around,
      { position: 1, reason: "no deep worker is there on host h9" },
    ],
    [
      "holding",
      first,
      { ...around, limits: { ...around.limits, seats: [seat({ holding: "disk nearly full" })] } },
      { position: 1, reason: "workers hold: disk nearly full" },
    ],
    [
      "repo limit",
      first,
      {
        ...around,
        active: [running({ task: "task_x" }), running({ task: "task_y" })],
        limits: { ...around.limits, seats: [seat({ capacity: 9 })] },
      },
      { position: 1, reason: "repo limit 2 of 2, behind task_x, task_y", etaMs: 2_000 },
    ],
    ["busy", first, { ...around, active: full }, { position: 1, reason: "all 2 slots busy", etaMs: 2_000 }],
    [
      "behind others",
      { ...first, ahead: 4 },
      around,
      { position: 5, reason: "behind 4 more urgent or older", etaMs: 4_000 },
    ],
    ["next", first, around, { position: 1, reason: "next", etaMs: 0 }],
  ])("says why a turn waits: %s", (_name, standing, situation, place) => {
    expect(explain(standing, situation)).toEqual(place)
  })

  test("the median of nothing is unknown", () => {
    expect([medianOf([]), medianOf([5, 1, 9])]).toEqual([null, 5])
  })
})
