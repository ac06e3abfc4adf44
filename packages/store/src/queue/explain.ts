import { type Lane, lastMoment, type QueueHold, type QueuePlace } from "@twolane/protocol"
import { stopWords } from "../spend/budget.ts"
import type { Before } from "./before.ts"
import { type Active, type Entry, scoreOf } from "./entry.ts"
import { mostOfPerson, mostOfProvider, mostOfRepo, mostOfTeam } from "./limits.ts"
import {
  allFree,
  freeHosts,
  fullProvider,
  holdOf,
  keptFrom,
  type Limits,
  type Room,
  repoOf,
  roomOf,
  tallyOf,
} from "./room.ts"
import { personOf } from "./shares.ts"

/** Where a waiting turn stands: counts that cost the same at any backlog. */
export type Standing = {
  entry: Entry
  /** Turns that go before it, or would if they were due. */
  before: Before
  /** Those of its own repo, by priority and age. */
  beforeInRepo: number
}

/** What the queue looks like around it. */
export type Around = {
  lane: Lane
  active: readonly Active[]
  rules: Limits
  /** How long the lane's last turns ran, in ms. */
  durations: readonly number[]
  now: number
}

/** Says of a waiting turn with the picker's own knowledge: its place (1 goes next), why it waits, and about when it starts. */
export const explain = (standing: Standing, around: Around): QueuePlace => {
  const { entry, before } = standing
  const room = roomOf(around.active, around.rules)
  const hold = holdOf(room, entry, around.now)
  const etaMs = hold === "expired" || hold === "budget" ? null : etaOf(standing, around, room)
  const notBefore = notBeforeOf(entry)
  return {
    position: before.all + 1,
    reason: `${hold === null ? orderWords(before.all) : wordsOf[hold]({ entry, around, room })}${byWords(entry, around.now)}`,
    ...(hold === null ? {} : { hold }),
    ...(etaMs === null ? {} : { etaMs }),
    ...(entry.after === undefined ? {} : { after: [...entry.after] }),
    ...(notBefore > around.now ? { notBefore } : {}),
    ...(entry.startBy === undefined ? {} : { startBy: entry.startBy }),
  }
}

const byWords = ({ startBy }: Entry, now: number): string =>
  startBy === undefined || startBy < now
    ? ""
    : `; it ends unless it begins by ${new Date(startBy).toISOString()}`

/** One that was written before there was a last moment must not break what shows it among others. */
const notBeforeOf = ({ notBefore = 0 }: Entry): number => Math.min(notBefore, lastMoment)

const orderWords = (ahead: number): string => (ahead === 0 ? "next" : `behind ${ahead} that go first`)

type Seen = { entry: Entry; around: Around; room: Room }

const wordsOf: Record<QueueHold, (seen: Seen) => string> = {
  expired: () => "it was not begun in time",
  after: ({ entry }) => `waits for ${(entry.after ?? []).join(", ")} to succeed`,
  "not-before": ({ entry }) => `not before ${new Date(notBeforeOf(entry)).toISOString()}`,
  paused: () => "paused",
  "repo-paused": ({ entry }) => `repo ${entry.repo} is paused`,
  budget: ({ entry, around }) => {
    const stop = around.rules.stops.get(entry.team)
    return stop === undefined ? "the team's budget is used up" : stopWords(stop)
  },
  "no-worker": ({ entry, around }) => `no ${around.lane} worker is there${on(entry)}`,
  holding: ({ entry, around }) =>
    `workers hold: ${seatsFor(entry, around).find(seat => seat.holding)?.holding}`,
  repo: ({ entry, around, room }) => {
    const tasks = around.active.filter(turn => repoOf(turn) === repoOf(entry)).map(({ task }) => task)
    return `repo limit ${limitWords(room.ofRepo, repoOf(entry), mostOfRepo(room.rules.limits, entry))}, behind ${tasks.join(", ")}`
  },
  team: ({ entry, room }) =>
    `team limit ${limitWords(room.ofTeam, entry.team, mostOfTeam(room.rules.limits, entry.team))}`,
  person: ({ entry, room }) =>
    `limit of one person ${limitWords(room.ofPerson, personOf(entry), mostOfPerson(room.rules.limits, entry.team))}`,
  slots: ({ entry, around }) => `all ${slotsFor(entry, around)} slots${on(entry)} busy`,
  provider: ({ entry, room }) => {
    const provider = freeHosts(room, entry).map(host => fullProvider(room, host))[0] ?? ""
    return `limit of ${provider} ${limitWords(room.ofProvider, provider, mostOfProvider(room.rules.limits, provider))}`
  },
  reserved: ({ entry, room }) => {
    const free = allFree(room)
    return `${free === 1 ? "the free slot is" : `the ${free} free slots are`} kept for ${keptWords(entry, room)}`
  },
}

const keptWords = (entry: Entry, room: Room): string => {
  const all = keptFrom(room, entry)
  const forTeams = keptFrom(room, { ...entry, score: scoreOf("urgent", entry.queuedAt) })
  if (forTeams === 0) return "urgent turns"
  return forTeams < all ? "urgent turns and other teams" : "other teams"
}

const limitWords = (counts: ReadonlyMap<string, number>, key: string, most: number): string =>
  `${tallyOf(counts, key)} of ${most}`

const on = ({ host }: Entry): string => (host === undefined ? "" : ` on host ${host}`)

const seatsFor = ({ host }: Entry, { rules }: Around) =>
  rules.seats.filter(seat => host === undefined || seat.host === host)

const slotsFor = (entry: Entry, around: Around): number =>
  seatsFor(entry, around).reduce((total, seat) => total + (seat.holding === undefined ? seat.capacity : 0), 0)

/** Rounds of the slots until its place comes, each as long as the lane's median turn; null when nothing says. */
const etaOf = ({ entry, before, beforeInRepo }: Standing, around: Around, room: Room): number | null => {
  const { limits, paused, pausedRepos } = around.rules
  const dueInMs = Math.max(0, notBeforeOf(entry) - around.now)
  const slots = slotsFor(entry, around)
  if (paused || pausedRepos.has(repoOf(entry)) || slots === 0 || entry.after !== undefined) return null
  const free = freeHosts(room, entry).reduce((total, host) => total + tallyOf(room.free, host), 0)
  const rounds = Math.max(
    Math.ceil((before.all + 1 - free) / slots),
    roundsOf(beforeInRepo, tallyOf(room.ofRepo, repoOf(entry)), mostOfRepo(limits, entry)),
    roundsOf(before.ofTeam, tallyOf(room.ofTeam, entry.team), mostOfTeam(limits, entry.team)),
    roundsOf(before.ofPerson, tallyOf(room.ofPerson, personOf(entry)), mostOfPerson(limits, entry.team)),
    0,
  )
  if (rounds === 0) return dueInMs
  const median = medianOf(around.durations)
  return median === null ? null : Math.max(dueInMs, rounds * median)
}

const roundsOf = (before: number, running: number, most: number): number =>
  most === Number.POSITIVE_INFINITY ? 0 : Math.ceil((before + 1 - Math.max(0, most - running)) / most)

/** The middle of some durations; null of none. */
export const medianOf = (values: readonly number[]): number | null =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null
