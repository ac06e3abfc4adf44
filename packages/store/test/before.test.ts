import fc from "fast-check"
import { expect, test } from "vitest"
import { type Crowd, turnsBefore } from "../src/queue/before.ts"
import { type Entry, rankOf, scoreOf } from "../src/queue/entry.ts"
import { pick } from "../src/queue/pick.ts"
import type { Limits } from "../src/queue/room.ts"
import { personOf, type Shares } from "../src/queue/shares.ts"

const now = 1_000_000
const rules: Limits = {
  limits: { perRepo: 1_000, teams: { red: { share: 2 } } },
  paused: false,
  pausedRepos: new Set(),
  stops: new Map(),
  seats: [{ id: "w", host: "h", capacity: 1 }],
}

const entries = fc
  .array(
    fc.record({
      team: fc.constantFrom("red", "blue", "green"),
      who: fc.constantFrom("ann", "bob", "cy"),
      repo: fc.constantFrom("a", "b"),
      priority: fc.constantFrom("urgent", "normal"),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map(list =>
    list.map(
      ({ priority, ...names }, at): Entry => ({
        ...names,
        task: `task_${at}`,
        turn: `turn_${at}`,
        score: scoreOf(priority, at),
        queuedAt: at,
      }),
    ),
  )

/** As `queue-places.lua` counts. */
const crowdsOf = (waiting: readonly Entry[]): Crowd[] =>
  [...Map.groupBy(waiting, ({ team, repo, who }) => `${team}/${repo}/${who}`).values()].map(line => ({
    team: line[0]?.team ?? "",
    repo: line[0]?.repo ?? "",
    who: line[0]?.who ?? "",
    count: line.length,
    ranks: [1, 2, 3, 4].map(rank => line.filter(entry => rankOf(entry) === rank).length),
    head: Math.min(...line.map(({ score }) => score)),
  }))

const placeOf = (entry: Entry, waiting: readonly Entry[], shares: Shares): number => {
  const older = waiting.filter(
    other =>
      personOf(other) === personOf(entry) && rankOf(other) === rankOf(entry) && other.score < entry.score,
  ).length
  return turnsBefore({ entry, older }, crowdsOf(waiting), rules.limits, shares).all + 1
}

test("a place that is worked out by counts is that in which the picker gives out slots one by one", () => {
  fc.assert(
    fc.property(entries, all => {
      const shares = { spent: new Map<string, number>(), passed: new Map<string, number>() }
      const told = all.map(entry => placeOf(entry, all, shares))
      let waiting = all
      const order = new Map<string, number>()
      while (waiting.length > 0) {
        const { picks, spent, passed } = pick({ waiting: [waiting], active: [], rules, shares, now })
        const next = picks[0]?.entry
        // Whoever is told to be next is: no estimate.
        expect(waiting.filter(entry => placeOf(entry, waiting, shares) === 1)).toEqual([next])
        for (const [name, value] of spent) shares.spent.set(name, value)
        for (const [member, times] of passed) shares.passed.set(member, times)
        waiting = waiting.filter(entry => entry !== next)
        order.set(next?.task ?? "", order.size + 1)
      }
      // Of places further back ties are settled by the first of a line alone: three people in each of three teams.
      for (const [at, { task }] of all.entries())
        expect(Math.abs((told[at] ?? 0) - (order.get(task) ?? 0))).toBeLessThanOrEqual(9)
    }),
  )
})
