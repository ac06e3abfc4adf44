import { describe, expect, test } from "vitest"
import type { Limits, Seat } from "../../src/queue/room.ts"
import { mostPassed } from "../../src/queue/shares.ts"
import { type Chance, chanceOf } from "./random.ts"
import { type Fleet, openFleet, type Start, startsBy, stillHeld, ticketOf } from "./simulate.ts"

const seat = (host: string, capacity: number, more: Partial<Seat> = {}): Seat => ({
  id: `worker_${host}`,
  provider: `models-${host}.example`,
  host,
  capacity,
  ...more,
})
const rulesOf = (limits: Partial<Limits["limits"]> = {}, seats = [seat("h1", 4), seat("h2", 4)]): Limits => ({
  limits: { perRepo: 100, ...limits },
  paused: false,
  pausedRepos: new Set(),
  stops: new Map(),
  seats,
})

/** Ends turns in chance's order, until so many more have started. */
const runOn = (fleet: Fleet, chance: Chance, starts: number, meanwhile: () => void = () => {}): Start[] => {
  const from = fleet.starts.length
  while (fleet.starts.length < from + starts && fleet.active().length + fleet.waiting().length > 0) {
    fleet.pass(1)
    meanwhile()
    if (fleet.active().length > 0) fleet.end(chance.below(fleet.active().length))
    fleet.settle()
  }
  return fleet.starts.slice(from, from + starts)
}

/** The furthest that a count is from what it should be, as a part of that. */
const worstOff = (counts: ReadonlyMap<string, number>, fair: (key: string) => number): number =>
  Math.max(...[...counts].map(([key, count]) => Math.abs(count / fair(key) - 1)))

describe("shares, over the next 1,000 turns in which all have work waiting", () => {
  const teams = { red: 1, blue: 1, green: 2 } as const
  const names = ["red", "blue", "green"] as const
  const all = 4

  test.each([1, 2, 3])(
    "of teams and of their people are kept within a tenth, whoever came first with how much: seed %i",
    seed => {
      const chance = chanceOf(seed)
      const fleet = openFleet(rulesOf({ teams: { green: { share: teams.green } } }))
      // One person was there first, with more than all the others together.
      for (let at = 0; at < 1_000; at += 1) fleet.ask({ team: "red", who: "p0", repo: `r${chance.below(5)}` })
      runOn(fleet, chance, 200)
      for (let at = 0; at < 3_600; at += 1) {
        const team = chance.oneOf(names)
        fleet.ask({
          team,
          who: `p${Math.floor(Math.sqrt(9 + chance.below(55))) - 3}`,
          repo: `r${chance.below(5)}`,
        })
      }
      const before = fleet.waiting()
      const starts = runOn(fleet, chance, 1_000)
      for (const team of names)
        for (let who = 0; who < 5; who += 1)
          expect(fleet.waiting().some(entry => entry.team === team && entry.who === `p${who}`)).toBe(true)
      expect(before.length).toBeGreaterThan(4_000)
      const ofTeams = startsBy(starts, ({ team }) => team)
      expect(worstOff(ofTeams, team => (1_000 * teams[team as keyof typeof teams]) / all)).toBeLessThan(0.1)
      const ofPeople = startsBy(starts, ({ team, who }) => `${team}/${who}`)
      const fair = (key: string) => (1_000 * teams[key.split("/")[0] as keyof typeof teams]) / all / 5
      expect(ofPeople.size).toBe(15)
      expect(worstOff(ofPeople, fair)).toBeLessThan(0.1)
    },
  )

  test("hold while tasks come one by one, in bursts, and of two priorities", () => {
    const chance = chanceOf(4)
    const fleet = openFleet(rulesOf())
    const ask = (team: "red" | "blue", who: string) =>
      fleet.ask({
        team,
        who,
        repo: `r${chance.below(9)}`,
        priority: chance.oneOf(["normal", "normal", "urgent"]),
      })
    let rounds = 0
    const meanwhile = () => {
      rounds += 1
      // Red comes with 30 at once and then with nothing, blue with one at a time.
      if (rounds % 30 === 0) for (let at = 0; at < 30; at += 1) ask("red", chance.oneOf(["ann", "bob"]))
      ask("blue", chance.oneOf(["cy", "dee", "eve"]))
    }
    for (let at = 0; at < 40; at += 1) meanwhile()
    for (let at = 0; at < 400; at += 1) ask("red", "ann")
    const starts = runOn(fleet, chance, 1_000, meanwhile)
    expect(
      worstOff(
        startsBy(starts, ({ team }) => team),
        () => 500,
      ),
    ).toBeLessThan(0.1)
  })

  test("a lone team uses everything, and owes nothing for it when another comes", () => {
    const chance = chanceOf(5)
    const fleet = openFleet(rulesOf({ teams: { blue: { share: 3 } } }))
    for (let at = 0; at < 2_000; at += 1) fleet.ask({ team: "red", who: "ann", repo: "r" })
    expect(startsBy(runOn(fleet, chance, 1_000), ({ team }) => team)).toEqual(new Map([["red", 1_000]]))
    expect(fleet.active().length).toBe(8)
    for (let at = 0; at < 600; at += 1) fleet.ask({ team: "blue", who: "cy", repo: "r" })
    const shared = startsBy(runOn(fleet, chance, 400), ({ team }) => team)
    expect(worstOff(shared, team => (team === "blue" ? 300 : 100))).toBeLessThan(0.1)
  })
})

describe("ageing", () => {
  /** Forty people, of whom half came early with much, and half come late with little and often. */
  const crowded = () => {
    const chance = chanceOf(6)
    const fleet = openFleet(rulesOf())
    for (let at = 0; at < 600; at += 1) fleet.ask({ team: "red", who: `early${at % 20}`, repo: "r" })
    for (let at = 0; at < 1_200; at += 1) fleet.ask({ team: "red", who: `late${at % 60}`, repo: "r" })
    runOn(fleet, chance, 1_800)
    return fleet
  }

  test("nobody who is next of his own and could run is overtaken by more than 20 later turns of his team and priority", () => {
    const fleet = crowded()
    expect(fleet.starts.length).toBe(1_800)
    // It would be more without: the bound is reached, and kept.
    expect(Math.max(...fleet.overtaken.values())).toBe(mostPassed)
    expect(mostPassed).toBe(20)
  })
})

describe("a fleet of several hosts, in which everything changes", () => {
  const names = ["red", "blue", "green"] as const
  const hosts = ["h1", "h2", "h3"] as const

  const anyRules = (chance: Chance): Partial<Limits> => {
    const limits = {
      perRepo: 1 + chance.below(4),
      ...(chance.below(3) === 0 && { perTeam: 1 + chance.below(6) }),
      ...(chance.below(3) === 0 && { perPerson: 1 + chance.below(3) }),
      ...(chance.below(3) === 0 && { perProvider: 1 + chance.below(4) }),
      ...(chance.below(4) === 0 && { urgent: 1 + chance.below(2) }),
      teams: {
        red: { share: 1 + chance.below(3), ...(chance.below(3) === 0 && { reserved: 1 + chance.below(2) }) },
        blue: {
          ...(chance.below(3) === 0 && { atOnce: 1 + chance.below(4) }),
          repos: { r0: 1 + chance.below(3) },
        },
      },
    }
    const seats = hosts.flatMap(host =>
      chance.below(8) === 0
        ? []
        : [seat(host, 1 + chance.below(4), chance.below(10) === 0 ? { holding: "disk nearly full" } : {})],
    )
    return {
      limits,
      seats,
      paused: chance.below(12) === 0,
      pausedRepos: new Set(chance.below(4) === 0 ? [`${chance.oneOf(names)}/r${chance.below(4)}`] : []),
    }
  }
  const anyTask = (fleet: Fleet, chance: Chance) =>
    fleet.ask({
      team: chance.oneOf(names),
      who: `p${chance.below(30)}`,
      repo: `r${chance.below(4)}`,
      priority: chance.oneOf(["normal", "normal", "normal", "urgent"]),
      ...(chance.below(6) === 0 && { host: chance.oneOf(hosts) }),
      ...(chance.below(8) === 0 && { notBefore: fleet.now() + chance.below(200) }),
    })

  test.each(Array.from({ length: 8 }, (_, index) => index + 1))(
    "what a task was said to wait for has changed when it starts, the bound holds, and all start in the end: seed %i",
    seed => {
      const chance = chanceOf(seed)
      let rules: Limits = { ...rulesOf(), ...anyRules(chance) }
      const fleet = openFleet(rules)
      let seen = 0
      /** Each start against the moment before it: turns that ran then, and what had been said. */
      const settle = () => {
        const running = [...fleet.active()]
        fleet.settle()
        for (const { entry, host, said } of fleet.starts.slice(seen)) {
          const held = said !== null && stillHeld(said, entry, { active: running, rules, now: fleet.now() })
          expect(held).toBe(false)
          running.push(ticketOf(entry, host, 0))
        }
        seen = fleet.starts.length
        fleet.explain()
      }
      for (let round = 0; round < 250; round += 1) {
        fleet.pass(1)
        if (chance.below(40) === 0) {
          rules = { ...rules, ...anyRules(chance) }
          fleet.change(rules)
        }
        for (let burst = chance.below(30) === 0 ? 40 : chance.below(3); burst > 0; burst -= 1)
          anyTask(fleet, chance)
        settle()
        for (let ends = chance.below(3); ends > 0 && fleet.active().length > 0; ends -= 1)
          fleet.end(chance.below(fleet.active().length))
        settle()
      }
      expect(seen).toBeGreaterThan(60)
      expect(Math.max(...fleet.overtaken.values())).toBeLessThanOrEqual(mostPassed)
      fleet.change({ ...rulesOf(), seats: hosts.map(host => seat(host, 3)) })
      fleet.pass(1_000)
      runOn(fleet, chance, Number.POSITIVE_INFINITY)
      expect(fleet.waiting()).toEqual([])
    },
  )
})
