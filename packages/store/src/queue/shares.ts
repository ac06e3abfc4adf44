import type { QueueLimits } from "@twolane/protocol"
import type { Entry } from "./entry.ts"
import { shareOf } from "./limits.ts"

/**
 * What was given away while others waited, too: the memory of the fair shares. Redis keeps it, so that whichever process picks goes on
 * with it. A lone team (or person) owes nothing for what it uses.
 */
export type Shares = {
  /**
   * How far each has come, in turns divided by its share: a team by its name, a person as `<team>/<who>`. How far the one is that was
   * served last and furthest: of the teams under "", of a team's people under `<team>/`.
   */
  spent: ReadonlyMap<string, number>
  /** How often a waiting turn (`<team>/<task>`) was passed by later ones of its team and priority, though it could have run. */
  passed: ReadonlyMap<string, number>
}

/** Nobody has had anything yet. */
export const noShares: Shares = { spent: new Map(), passed: new Map() }

/** A turn that so many later ones have passed goes first. */
export const mostPassed = 20

/** So many turns may somebody catch up who was held up, or comes anew; else who does not use his share loses it. */
const catchUp = 2

type Spent = ReadonlyMap<string, number>

/** Where a team's next turn begins, among those of all teams: the least goes first. */
export const teamStart = (spent: Spent, limits: QueueLimits, team: string): number =>
  Math.max(spent.get(team) ?? 0, (spent.get("") ?? 0) - catchUp / shareOf(limits, team))

/** The name of a person in the accounts. */
export const personOf = ({ team, who = "" }: Pick<Entry, "team" | "who">): string => `${team}/${who || "-"}`

/** Where a person's next turn begins, among those of the team: the least goes first. */
export const personStart = (spent: Spent, entry: Pick<Entry, "team" | "who">): number =>
  Math.max(spent.get(personOf(entry)) ?? 0, (spent.get(`${entry.team}/`) ?? 0) - catchUp)

/** Which of the two accounts a turn is charged to: those in which others wait, too. */
export type Rivals = { teams: boolean; people: boolean }

/** Charges a turn that is given away. */
export const charge = (
  spent: Map<string, number>,
  limits: QueueLimits,
  entry: Entry,
  rivals: Rivals,
): void => {
  if (rivals.teams) {
    const start = teamStart(spent, limits, entry.team)
    spent.set(entry.team, start + 1 / shareOf(limits, entry.team))
    spent.set("", Math.max(spent.get("") ?? 0, start))
  }
  if (!rivals.people) return
  const start = personStart(spent, entry)
  spent.set(personOf(entry), start + 1)
  spent.set(`${entry.team}/`, Math.max(spent.get(`${entry.team}/`) ?? 0, start))
}

/** Accounts that say no more than that somebody has nothing to catch up: they can be forgotten while nothing of theirs waits. */
export const settled = (spent: Spent): string[] =>
  [...spent].flatMap(([name, value]) => {
    const slash = name.indexOf("/")
    if (name === "" || slash === name.length - 1) return []
    const furthest = spent.get(slash === -1 ? "" : name.slice(0, slash + 1)) ?? 0
    return value <= furthest - catchUp ? [name] : []
  })
