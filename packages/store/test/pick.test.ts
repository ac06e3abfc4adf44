import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Active, type Entry, scoreOf } from "../src/queue/entry.ts"
import { hidesMore, type Pick, pick, roomLeft, type Situation } from "../src/queue/pick.ts"
import { freeSlots, holdOf, type Limits, repoOf, roomOf, type Seat, take } from "../src/queue/room.ts"
import { noShares } from "../src/queue/shares.ts"
import { entry, now, running } from "./entries.ts"

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
      seat({ id: `w${index}`, host, capacity, provider: `of-${host}`, ...(holding && { holding }) }),
    ),
  )
const entries = fc
  .array(
    fc.record({
      team: fc.constantFrom("red", "blue"),
      repo: fc.constantFrom("a", "b", "c"),
      who: fc.constantFrom("ann", "bob"),
      priority: fc.constantFrom("urgent", "normal"),
      age: fc.integer({ min: 1, max: 50 }),
      host: fc.option(fc.constantFrom(...hosts), { nil: undefined }),
      notBefore: fc.option(fc.integer({ min: now - 5, max: now + 5 }), { nil: undefined }),
    }),
    { maxLength: 20 },
  )
  .map(list =>
    list.map(({ team, repo, who, priority, age, host, notBefore }, index) =>
      entry({
        team,
        repo,
        who,
        score: scoreOf(priority, age),
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
      team: fc.constantFrom("red", "blue"),
      repo: fc.constantFrom("a", "b", "c"),
      who: fc.constantFrom("ann", "bob"),
      worker: fc.constantFrom("w0", "w1", "w2", "gone"),
      host: fc.constantFrom(...hosts),
      ticketed: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map(list =>
    list.map(({ team, repo, who, worker, host, ticketed }, index) => {
      const { worker: _worker, ...ticket } = running({
        team,
        repo,
        who,
        host,
        turn: `turn_r${index}`,
        state: "ticketed",
      })
      return ticketed ? ticket : running({ team, repo, who, host, worker, turn: `turn_r${index}` })
    }),
  )
const limits = fc.record(
  {
    perRepo: fc.integer({ min: 1, max: 3 }),
    perTeam: fc.integer({ min: 1, max: 6 }),
    perPerson: fc.integer({ min: 1, max: 4 }),
    perProvider: fc.integer({ min: 1, max: 6 }),
    urgent: fc.integer({ min: 1, max: 2 }),
    teams: fc.constantFrom({ blue: { reserved: 1 } }, { blue: { reserved: 2 }, red: { reserved: 1 } }),
  },
  { requiredKeys: ["perRepo"] },
)
const situations = fc
  .record({ seats, entries, actives, limits, pausedRepos: fc.constantFrom([], ["red/c"]) })
  .map(of => ({
    rules: {
      limits: of.limits,
      paused: false,
      stops: new Map(),
      pausedRepos: new Set<string>(of.pausedRepos),
      seats: of.seats,
    },
    entries: of.entries,
    active: of.actives,
  }))

const lineOf = ({ team, repo, who }: Entry) => `${team}/${repo}/${who}`
const byLine = (list: readonly Entry[]): Entry[][] =>
  [...Map.groupBy(list, lineOf).values()].map(line => line.toSorted((a, b) => a.score - b.score))

const countOf = <Item>(items: readonly Item[], fits: (item: Item) => boolean) => items.filter(fits).length

const situation = (of: {
  rules: Limits
  entries: readonly Entry[]
  active: readonly Active[]
}): Situation => ({
  waiting: byLine(of.entries),
  active: of.active,
  rules: of.rules,
  shares: noShares,
  now,
})

const ticketOf = ({ entry: { team, task, turn, repo, who = "", score }, host }: Pick): Active => ({
  team,
  task,
  turn,
  repo,
  who,
  host,
  state: "ticketed",
  fence: "1",
  at: now,
  ...(score < scoreOf("high", 0) ? { urgent: true } : {}),
})

describe("pick", () => {
  test("never gives out more tickets than a host has free slots, nor more turns than a repo, team, person or provider may have", () => {
    fc.assert(
      fc.property(situations, of => {
        const { picks } = pick(situation(of))
        const free = freeSlots(of.active, of.rules.seats)
        for (const host of hosts)
          expect(countOf(picks, one => one.host === host)).toBeLessThanOrEqual(
            Math.max(0, free.get(host) ?? 0),
          )
        const all = [...of.active, ...picks.map(ticketOf)]
        const { perRepo, perTeam = 99, perPerson = 99, perProvider = 99 } = of.rules.limits
        for (const [keyOf, most] of [
          [repoOf, perRepo],
          [({ team }: Active) => team, perTeam],
          [({ team, who }: Active) => `${team} ${who}`, perPerson],
        ] as const)
          for (const [key, turns] of Map.groupBy(all, keyOf)) {
            const already = countOf(of.active, turn => keyOf(turn) === key)
            expect(turns.length).toBeLessThanOrEqual(Math.max(already, most))
          }
        const atProvider = (turns: readonly Active[]) => roomOf(turns, of.rules).ofProvider
        for (const [provider, turns] of atProvider(all))
          expect(turns).toBeLessThanOrEqual(Math.max(atProvider(of.active).get(provider) ?? 0, perProvider))
        expect(
          picks.filter(({ entry: { team, repo } }) => of.rules.pausedRepos.has(`${team}/${repo}`)),
        ).toEqual([])
      }),
    )
  })

  test("passes nobody over: once no more is picked, a limit, a pause, its host, its time or a slot that is kept holds each one back", () => {
    fc.assert(
      fc.property(situations, of => {
        const active = [...of.active]
        const left = new Set(of.entries)
        for (;;) {
          const { picks } = pick(situation({ ...of, entries: [...left], active }))
          if (picks.length === 0) break
          for (const one of picks) {
            left.delete(one.entry)
            active.push(ticketOf(one))
          }
        }
        const room = roomOf(active, of.rules)
        for (const waiting of left) expect(holdOf(room, waiting, now)).not.toBeNull()
      }),
    )
  })

  test("what it takes from the room as it goes is what the active turns take afterwards", () => {
    fc.assert(
      fc.property(situations, of => {
        const { picks } = pick(situation(of))
        const room = roomOf(of.active, of.rules)
        for (const { entry: picked, host } of picks) take(room, picked, host)
        expect(room).toEqual(roomOf([...of.active, ...picks.map(ticketOf)], of.rules))
      }),
    )
  })

  test("few heads at a look leave nobody behind that all of them would have found, and the looks end", () => {
    fc.assert(
      fc.property(situations, ({ rules, entries: waiting, active: before }) => {
        const left = new Set(waiting)
        const active = [...before]
        const all = waiting.length + 1
        let heads = 1
        for (let looks = 0; ; looks += 1) {
          expect(looks).toBeLessThan(2 * waiting.length + 2)
          const shown = byLine([...left]).map(row => row.slice(0, heads))
          const seen = { waiting: shown, active: [...active], rules, shares: noShares, now }
          const choice = pick(seen)
          const hidden = heads < all && hidesMore(seen, choice, heads)
          for (const one of choice.picks) {
            left.delete(one.entry)
            active.push(ticketOf(one))
          }
          if (choice.picks.length === 0 && !hidden) break
          heads = hidden ? all : Math.max(1, roomLeft(active, [], rules))
        }
        expect(pick(situation({ rules, entries: [...left], active })).picks).toEqual([])
      }),
    )
  })

  test("goes by priority and age among a person's turns that may run anywhere", () => {
    fc.assert(
      fc.property(situations, ({ rules, entries: waiting }) => {
        const anywhere = waiting.map(({ host: _host, notBefore: _notBefore, ...rest }) => rest)
        const { picks } = pick(
          situation({ rules: { ...rules, limits: { perRepo: 9 } }, entries: anywhere, active: [] }),
        )
        for (const line of byLine(anywhere)) {
          const [first] = line
          const mine = picks.filter(({ entry: one }) => first !== undefined && lineOf(one) === lineOf(first))
          expect(mine.map(one => one.entry.score)).toEqual(line.slice(0, mine.length).map(one => one.score))
        }
      }),
    )
  })

  test("the same situation in another order gives the same choice, and a pause gives none", () => {
    fc.assert(
      fc.property(situations, of => {
        const seen = situation(of)
        expect(pick({ ...seen, waiting: seen.waiting.toReversed() })).toEqual(pick(seen))
        expect(pick({ ...seen, rules: { ...of.rules, paused: true } }).picks).toEqual([])
      }),
    )
  })
})
