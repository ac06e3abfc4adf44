import { memberOf } from "../context.ts"
import { type Active, type Entry, rankOf } from "./entry.ts"
import { allFree, byLimit, holdOf, hostFor, type Limits, type Room, roomOf, take } from "./room.ts"
import { charge, mostPassed, personOf, personStart, type Rivals, type Shares, teamStart } from "./shares.ts"

/** A turn whose time has come, and the host whose workers get its ticket. */
export type Pick = { entry: Entry; host: string }

/** What the picker decides on. `waiting` holds the first turns of each line, best first: a few of each suffice, unless `hidesMore`. */
export type Situation = {
  waiting: readonly (readonly Entry[])[]
  active: readonly Active[]
  rules: Limits
  shares: Shares
  now: number
}

/** What it decided, and what that changes in the accounts. */
export type Choice = { picks: Pick[]; spent: Map<string, number>; passed: Map<string, number> }

/** What waits of one person with one priority, the oldest first; what stands before `at` cannot start in this look. */
type Line = { entries: Entry[]; at: number }

/** What waits of one team, by priority. */
type OfTeam = { team: string; ranks: Map<number, Map<string, Line>>; people: Set<string> }

/**
 * Whose turn it is. Pure. Of those who can start (`holdOf`): the team that has had the least of its share; in it the highest priority;
 * in that the person who has had the least; of him the oldest turn. Who has had as much as another goes by age. But a turn that was
 * passed by `mostPassed` later ones of its team and priority goes before the others of these.
 */
export const pick = ({ waiting, active, rules, shares, now }: Situation): Choice => {
  const choice: Choice = { picks: [], spent: new Map(shares.spent), passed: new Map() }
  const room = roomOf(active, rules)
  if (rules.paused || allFree(room) === 0) return { ...choice, spent: new Map() }
  const teams = gather(waiting)
  const looking = { room, teams, shares, choice, now }
  for (let best = nextOf(looking); best !== null; best = nextOf(looking)) {
    const host = hostFor(room, best.entry)
    if (host === undefined) break
    take(room, best.entry, host)
    best.line.at += 1
    choice.picks.push({ entry: best.entry, host })
    for (const other of best.passed) choice.passed.set(other, passedOf(looking, other) + 1)
    charge(choice.spent, rules.limits, best.entry, rivalsOf(teams, best.entry))
  }
  for (const [name, value] of shares.spent) if (choice.spent.get(name) === value) choice.spent.delete(name)
  return choice
}

type Looking = {
  room: Room
  teams: readonly OfTeam[]
  shares: Shares
  choice: Choice
  now: number
}

/** A turn that can start, those of its team and priority that are older and can start as well, and the score of the oldest. */
type Next = { entry: Entry; line: Line; oldest: number; passed: string[] }

const nextOf = (looking: Looking): Next | null => {
  const { teams, choice, room } = looking
  let best: (Next & { start: number }) | null = null
  for (const ofTeam of teams) {
    const start = teamStart(choice.spent, room.rules.limits, ofTeam.team)
    if (best !== null && start > best.start) continue
    const next = nextInTeam(looking, ofTeam)
    if (next === null) continue
    if (best === null || start < best.start || next.oldest < best.oldest) best = { ...next, start }
  }
  return best
}

const nextInTeam = (looking: Looking, { ranks }: OfTeam): Next | null => {
  for (const lines of ranks.values()) {
    const heads = [...lines.values()].flatMap(line => {
      const entry = headOf(looking, line)
      return entry === undefined ? [] : [{ entry, line, ...claimOf(looking, entry) }]
    })
    const best = heads.reduce<(typeof heads)[number] | null>(
      (first, head) => (first === null || goesBefore(head, first) ? head : first),
      null,
    )
    if (best === null) continue
    const older = heads.filter(({ entry }) => entry.score < best.entry.score)
    return {
      entry: best.entry,
      line: best.line,
      oldest: Math.min(best.entry.score, ...older.map(({ entry }) => entry.score)),
      passed: older.map(({ entry }) => memberOf(entry)),
    }
  }
  return null
}

type Claim = { aged: boolean; start: number }

const claimOf = (looking: Looking, entry: Entry): Claim => {
  return {
    aged: passedOf(looking, memberOf(entry)) >= mostPassed,
    start: personStart(looking.choice.spent, entry),
  }
}

const passedOf = ({ shares, choice }: Looking, member: string): number =>
  choice.passed.get(member) ?? shares.passed.get(member) ?? 0

const goesBefore = (one: Claim & { entry: Entry }, other: Claim & { entry: Entry }): boolean => {
  if (one.aged !== other.aged) return one.aged
  if (one.aged || one.start === other.start) return isBefore(one.entry, other.entry)
  return one.start < other.start
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.score === other.score ? one.turn < other.turn : one.score < other.score

/** A person's first turn that can start; within one look there is never more room for the others than before. */
const headOf = ({ room, now }: Looking, line: Line): Entry | undefined => {
  for (; line.at < line.entries.length; line.at += 1) {
    const entry = line.entries[line.at]
    if (entry !== undefined && holdOf(room, entry, now) === null) return entry
  }
  return undefined
}

const gather = (waiting: Situation["waiting"]): OfTeam[] => {
  const teams = new Map<string, OfTeam>()
  for (const entry of waiting.flat().toSorted((a, b) => (isBefore(a, b) ? -1 : 1))) {
    const ofTeam = teams.get(entry.team) ?? { team: entry.team, ranks: new Map(), people: new Set() }
    teams.set(entry.team, ofTeam)
    const rank = rankOf(entry)
    const lines = ofTeam.ranks.get(rank) ?? new Map<string, Line>()
    ofTeam.ranks.set(rank, lines)
    const person = personOf(entry)
    ofTeam.people.add(person)
    const line = lines.get(person) ?? { entries: [], at: 0 }
    lines.set(person, line)
    line.entries.push(entry)
  }
  return [...teams.values()]
}

/** Whether others wait, too: of the teams, and of the people of a turn's team. */
const rivalsOf = (teams: readonly OfTeam[], { team }: Entry): Rivals => ({
  teams: teams.length > 1,
  people: (teams.find(each => each.team === team)?.people.size ?? 0) > 1,
})

/**
 * Whether turns that could run may stand behind the first `heads` of some line: there are slots left, no limit keeps the line from them,
 * and those of its heads that were not picked cannot use them.
 */
export const hidesMore = (
  { waiting, active, rules }: Situation,
  { picks }: Choice,
  heads: number,
): boolean => {
  const room = roomOf(active, rules)
  for (const { entry, host } of picks) take(room, entry, host)
  if (rules.paused || allFree(room) === 0) return false
  const picked = new Set(picks.map(({ entry }) => entry))
  return waiting.some(
    row =>
      row.length >= heads &&
      row[0] !== undefined &&
      byLimit(room, rules.limits, row[0]) === null &&
      row.some(entry => !picked.has(entry)),
  )
}

/** Free slots of all hosts, once what was picked has taken its own. */
export const roomLeft = (active: readonly Active[], picks: readonly Pick[], rules: Limits): number =>
  allFree(roomOf(active, rules)) - picks.length
