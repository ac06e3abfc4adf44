import type { QueueLimits } from "@twolane/protocol"
import { type Entry, rankOf } from "./entry.ts"
import { shareOf } from "./limits.ts"
import { mostPassed, personOf, personStart, type Shares, teamStart } from "./shares.ts"

/** What one person has waiting in one repo. */
export type Crowd = {
  team: string
  who: string
  repo: string
  count: number
  /** How many of each priority, the most urgent first; of the asker's own team alone. */
  ranks: readonly number[]
  /** The score of the first one. */
  head: number
}

/** A turn, and how many of its own person's with its priority are older. */
export type Asked = { entry: Entry; older: number }

/** How many turns go before one, by priority, shares and age, as if all of them could run: of its person, its team, and in all. */
export type Before = { ofPerson: number; ofTeam: number; all: number }

/** Works out by counts what the picker would do turn by turn, so that it costs the same at any backlog. */
export const turnsBefore = (
  { entry, older }: Asked,
  crowds: readonly Crowd[],
  limits: QueueLimits,
  shares: Shares,
): Before => {
  const own = crowds.filter(({ team }) => team === entry.team)
  const rank = Math.max(1, rankOf(entry))
  const aged = older === 0 && (shares.passed.get(`${entry.team}/${entry.task}`) ?? 0) >= mostPassed
  const start = personStart(shares.spent, entry) + older
  const urgent = sum(own.map(({ ranks }) => sum(ranks.slice(0, rank - 1))))
  let ofTeam = urgent + older
  for (const theirs of byKey(own, personOf).values()) {
    const [first] = theirs
    if (aged || first === undefined || personOf(first) === personOf(entry)) continue
    const count = sum(theirs.map(({ ranks }) => ranks[rank - 1] ?? 0))
    ofTeam += firstBefore(
      { start, score: entry.score },
      { start: personStart(shares.spent, first), step: 1, count, head: headOf(theirs) },
    )
  }
  const step = 1 / shareOf(limits, entry.team)
  const teamsTurn = {
    start: teamStart(shares.spent, limits, entry.team) + ofTeam * step,
    score: ofTeam === 0 ? Math.min(entry.score, headOf(own)) : entry.score,
  }
  let all = ofTeam
  for (const [team, theirs] of byKey(crowds, crowd => crowd.team)) {
    if (team === entry.team) continue
    const count = sum(theirs.map(crowd => crowd.count))
    all += firstBefore(teamsTurn, {
      start: teamStart(shares.spent, limits, team),
      step: 1 / shareOf(limits, team),
      count,
      head: headOf(theirs),
    })
  }
  const ofPerson = sum(
    own
      .filter(crowd => personOf(crowd) === personOf(entry))
      .map(({ ranks }) => sum(ranks.slice(0, rank - 1))),
  )
  return { ofPerson: ofPerson + older, ofTeam, all }
}

/** How many of a row of turns, each `step` further, begin before a turn; where two begin together, the older row's does. */
const firstBefore = (
  turn: { start: number; score: number },
  row: { start: number; step: number; count: number; head: number },
): number => {
  const steps = (turn.start - row.start) / row.step
  const whole = Math.round(steps)
  if (Math.abs(steps - whole) > 1e-6) return Math.min(row.count, Math.max(0, Math.ceil(steps)))
  if (whole < 0) return 0
  return Math.min(row.count, whole + (row.head < turn.score ? 1 : 0))
}

const headOf = (crowds: readonly Crowd[]): number => Math.min(...crowds.map(({ head }) => head))

const byKey = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> =>
  Map.groupBy(items, keyOf)

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
