import type { QueueHold, QueueLimits } from "@twolane/protocol"
import { holds, type Stop } from "../spend/budget.ts"
import { type Active, type Entry, rankOf } from "./entry.ts"
import { mostOfPerson, mostOfProvider, mostOfRepo, mostOfTeam } from "./limits.ts"
import { personOf } from "./shares.ts"

/** What a worker offers; `provider` is the host of its model. */
export type Seat = { id: string; host: string; capacity: number; holding?: string; provider?: string }

/** The rules that a choice keeps. */
export type Limits = {
  limits: QueueLimits
  paused: boolean
  /** Repos (`<team>/<repo>`) of which no turn starts. */
  pausedRepos: ReadonlySet<string>
  /** Teams whose budget is used up. */
  stops: ReadonlyMap<string, Stop>
  seats: readonly Seat[]
}

/** What is taken and what is free. */
export type Room = {
  rules: Limits
  /** Free slots of each host. */
  free: Map<string, number>
  /** Turns of each repo, team, person and provider. */
  ofRepo: Map<string, number>
  ofTeam: Map<string, number>
  ofPerson: Map<string, number>
  ofProvider: Map<string, number>
  urgent: number
  /** The providers that a host's workers use. */
  providers: Map<string, ReadonlySet<string>>
}

/** What the active turns leave. */
export const roomOf = (active: readonly Active[], rules: Limits): Room => {
  const { seats } = rules
  const providers = new Map<string, Set<string>>()
  for (const { host, provider } of seats)
    if (provider !== undefined) providers.set(host, (providers.get(host) ?? new Set()).add(provider))
  const providerOf = new Map(seats.map(({ id, provider }) => [id, provider]))
  const ofProvider = new Map<string, number>()
  for (const { worker, host } of active) {
    const known = worker === undefined ? undefined : providerOf.get(worker)
    for (const provider of known === undefined ? (providers.get(host) ?? []) : [known])
      count(ofProvider, provider)
  }
  return {
    rules,
    free: freeSlots(active, seats),
    ofRepo: countBy(active, repoOf),
    ofTeam: countBy(active, ({ team }) => team),
    ofPerson: countBy(active, personOf),
    ofProvider,
    urgent: active.filter(({ urgent }) => urgent === true).length,
    providers,
  }
}

/** Takes slots of a host for turns. */
export const take = (room: Room, entry: Entry, host: string, slots = 1): void => {
  count(room.free, host, -slots)
  count(room.ofRepo, repoOf(entry), slots)
  count(room.ofTeam, entry.team, slots)
  count(room.ofPerson, personOf(entry), slots)
  for (const provider of room.providers.get(host) ?? []) count(room.ofProvider, provider, slots)
  if (isUrgent(entry)) room.urgent += slots
}

/** Why a turn cannot start; null when it can. The picker decides by this, and says so by this. */
export const holdOf = (room: Room, entry: Entry, now: number): QueueHold | null => {
  const { limits, paused, pausedRepos, stops, seats } = room.rules
  if ((entry.startBy ?? now) < now) return "expired"
  if (entry.after !== undefined) return "after"
  if ((entry.notBefore ?? 0) > now) return "not-before"
  if (paused) return "paused"
  if (pausedRepos.has(repoOf(entry))) return "repo-paused"
  if (holds(stops.get(entry.team), now)) return "budget"
  const fits = (seat: Seat) => entry.host === undefined || seat.host === entry.host
  if (!seats.some(fits)) return "no-worker"
  if (!seats.some(seat => fits(seat) && seat.holding === undefined)) return "holding"
  return byLimit(room, limits, entry) ?? bySlots(room, entry)
}

/** Its repo, team or person has as many as it may. */
export const byLimit = (room: Room, limits: QueueLimits, entry: Entry): QueueHold | null => {
  if (tallyOf(room.ofRepo, repoOf(entry)) >= mostOfRepo(limits, entry)) return "repo"
  if (tallyOf(room.ofTeam, entry.team) >= mostOfTeam(limits, entry.team)) return "team"
  if (tallyOf(room.ofPerson, personOf(entry)) >= mostOfPerson(limits, entry.team)) return "person"
  return null
}

/** How many turns like one could start on a host until a limit holds them back. */
export const leftFor = (room: Room, entry: Entry, host: string): number => {
  const { limits } = room.rules
  const providers = [...(room.providers.get(host) ?? [])]
  return Math.min(
    tallyOf(room.free, host),
    mostOfRepo(limits, entry) - tallyOf(room.ofRepo, repoOf(entry)),
    mostOfTeam(limits, entry.team) - tallyOf(room.ofTeam, entry.team),
    mostOfPerson(limits, entry.team) - tallyOf(room.ofPerson, personOf(entry)),
    ...providers.map(each => mostOfProvider(limits, each) - tallyOf(room.ofProvider, each)),
  )
}

const bySlots = (room: Room, entry: Entry): QueueHold | null => {
  const hosts = freeHosts(room, entry)
  if (hosts.length === 0) return "slots"
  if (!hosts.some(host => fullProvider(room, host) === null)) return "provider"
  return allFree(room) - keptFrom(room, entry) <= 0 ? "reserved" : null
}

/** The host that gets a turn which can start: of those with room, the one with the most. */
export const hostFor = (room: Room, entry: Entry): string | undefined => {
  const hosts = freeHosts(room, entry).filter(host => fullProvider(room, host) === null)
  return hosts.reduce<string | undefined>((best, host) => {
    const more = best === undefined ? 1 : tallyOf(room.free, host) - tallyOf(room.free, best)
    return more > 0 || (more === 0 && best !== undefined && host < best) ? host : best
  }, undefined)
}

/** The hosts that have a slot for a turn. */
export const freeHosts = ({ free }: Room, { host }: Entry): string[] =>
  host === undefined
    ? [...free].flatMap(([name, slots]) => (slots > 0 ? [name] : []))
    : tallyOf(free, host) > 0
      ? [host]
      : []

/** A provider of a host's workers that has as many turns as it may. */
export const fullProvider = (room: Room, host: string): string | null => {
  for (const provider of room.providers.get(host) ?? [])
    if (tallyOf(room.ofProvider, provider) >= mostOfProvider(room.rules.limits, provider)) return provider
  return null
}

/** Free slots that are kept for other teams, or for what is urgent. */
export const keptFrom = (room: Room, entry: Entry): number => {
  const { limits } = room.rules
  let kept = isUrgent(entry) ? 0 : Math.max(0, (limits.urgent ?? 0) - room.urgent)
  for (const [team, { reserved = 0 }] of Object.entries(limits.teams ?? {}))
    if (team !== entry.team) kept += Math.max(0, reserved - tallyOf(room.ofTeam, team))
  return kept
}

/** Free slots of all hosts. */
export const allFree = ({ free }: Pick<Room, "free">): number => {
  let sum = 0
  for (const slots of free.values()) sum += Math.max(0, slots)
  return sum
}

/** Free slots of each host: what its workers that take turns can hold, less what they run and the tickets that are out to it. */
export const freeSlots = (active: readonly Active[], seats: readonly Seat[]): Map<string, number> => {
  const busy = countBy(active, ({ worker }) => worker ?? "")
  const free = new Map<string, number>()
  for (const seat of seats) {
    const room = seat.holding === undefined ? Math.max(0, seat.capacity - (busy.get(seat.id) ?? 0)) : 0
    count(free, seat.host, room)
  }
  for (const { state, host } of active) if (state === "ticketed") count(free, host, -1)
  return free
}

/** A repo's name among all teams'. */
export const repoOf = ({ team, repo }: { team: string; repo: string }): string => `${team}/${repo}`

/** What a map counts of something. */
export const tallyOf = (counts: ReadonlyMap<string, number>, key: string): number => counts.get(key) ?? 0

const isUrgent = (entry: Entry): boolean => rankOf(entry) === 1

const count = (counts: Map<string, number>, key: string, by = 1): void => {
  counts.set(key, tallyOf(counts, key) + by)
}

const countBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const item of items) count(counts, keyOf(item))
  return counts
}
