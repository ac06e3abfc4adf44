import { type Active, type Entry, isDue } from "./entry.ts"

/** What a worker offers. */
export type Seat = { id: string; host: string; capacity: number; holding?: string }

/** The rules that a choice keeps. */
export type Limits = { perRepo: number; paused: boolean; seats: readonly Seat[] }

/** A turn whose time has come, and the host whose workers get its ticket. */
export type Pick = { entry: Entry; host: string }

/**
 * Whose turn it is. Pure. `waiting` holds the first turns of each repo's line, best first: a few of each suffice, unless `hidesMore`.
 * Keeps: never more tickets than free slots, at most `perRepo` turns of a repo at once, priority then age among what can run.
 */
export const pick = (
  waiting: readonly (readonly Entry[])[],
  active: readonly Active[],
  limits: Limits,
  now: number,
): Pick[] => {
  if (limits.paused) return []
  const free = freeSlots(active, limits.seats)
  const running = countBy(active, repoOf)
  const candidates = waiting.flat().toSorted((a, b) => a.score - b.score || compareText(a.turn, b.turn))
  const picks: Pick[] = []
  for (const entry of candidates) {
    const ofRepo = running.get(repoOf(entry)) ?? 0
    if (ofRepo >= limits.perRepo || !isDue(entry, now)) continue
    const host = entry.host ?? roomiest(free)
    if (host === undefined || (free.get(host) ?? 0) <= 0) continue
    free.set(host, (free.get(host) ?? 0) - 1)
    running.set(repoOf(entry), ofRepo + 1)
    picks.push({ entry, host })
  }
  return picks
}

/** What a choice was made of, and what came of it. */
export type Choice = {
  waiting: readonly (readonly Entry[])[]
  active: readonly Active[]
  picks: readonly Pick[]
}

/**
 * Whether turns that could run may stand behind the first `heads` of some repo: there are slots left, the repo may have more of them, and
 * those of its heads that were not picked cannot use them.
 */
export const hidesMore = ({ waiting, active, picks }: Choice, limits: Limits, heads: number): boolean => {
  if (limits.paused || roomLeft({ active, picks }, limits) <= 0) return false
  const busy = countBy([...active, ...picks.map(({ entry }) => entry)], repoOf)
  const picked = new Set(picks.map(({ entry }) => entry))
  return waiting.some(
    row =>
      row.length >= heads &&
      row[0] !== undefined &&
      (busy.get(repoOf(row[0])) ?? 0) < limits.perRepo &&
      row.some(entry => !picked.has(entry)),
  )
}

/** Free slots of all hosts, once what was picked has taken its own. */
export const roomLeft = ({ active, picks }: Omit<Choice, "waiting">, { seats }: Limits): number => {
  const free = [...freeSlots(active, seats).values()]
  return free.reduce((sum, count) => sum + Math.max(0, count), 0) - picks.length
}

/** Free slots of each host: what its workers that take turns can hold, less what they run and the tickets that are out to it. */
export const freeSlots = (active: readonly Active[], seats: readonly Seat[]): Map<string, number> => {
  const busy = countBy(active, ({ worker }) => worker ?? "")
  const tickets = countBy(
    active.filter(({ state }) => state === "ticketed"),
    ({ host }) => host,
  )
  const free = new Map<string, number>()
  for (const seat of seats) {
    const room = seat.holding === undefined ? Math.max(0, seat.capacity - (busy.get(seat.id) ?? 0)) : 0
    free.set(seat.host, (free.get(seat.host) ?? 0) + room)
  }
  for (const [host, count] of tickets) free.set(host, (free.get(host) ?? 0) - count)
  return free
}

const roomiest = (free: ReadonlyMap<string, number>): string | undefined => {
  const [best] = [...free].toSorted(([a, left], [b, right]) => right - left || compareText(a, b))
  return best?.[0]
}

/** A repo's name among all teams'. */
export const repoOf = ({ team, repo }: { team: string; repo: string }): string => `${team}/${repo}`

const countBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return counts
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
