import type { Lane, QueuePlace } from "@twolane/protocol"
import type { Active, Entry } from "./entry.ts"
import { freeSlots, type Limits, repoOf } from "./pick.ts"

/** Where a waiting turn stands: counts that cost the same at any backlog. */
export type Standing = {
  entry: Entry
  /** Turns of all repos that go before it, or would if it were due. */
  ahead: number
  /** Turns of its own repo that go before it; -1 while it is not due. */
  aheadInRepo: number
}

/** What the queue looks like around it. */
export type Around = {
  lane: Lane
  active: readonly Active[]
  limits: Limits
  /** How long the lane's last turns ran, in ms. */
  durations: readonly number[]
  now: number
}

/** Says of a waiting turn with the picker's own knowledge: its place (1 goes next), why it waits, and about when it starts. */
export const explain = (standing: Standing, around: Around): QueuePlace => {
  const position = Math.max(0, standing.ahead) + 1
  const reason = reasonOf(standing, around)
  const etaMs = etaOf(standing, around)
  return { position, reason, ...(etaMs === null ? {} : { etaMs }) }
}

const reasonOf = (standing: Standing, around: Around): string => {
  const { entry } = standing
  const { limits, active, lane, now } = around
  if (entry.after !== undefined) return `waits for ${entry.after.join(", ")} to succeed`
  if ((entry.notBefore ?? 0) > now) return `not before ${new Date(entry.notBefore ?? 0).toISOString()}`
  if (limits.paused) return "paused"
  const seats = limits.seats.filter(seat => entry.host === undefined || seat.host === entry.host)
  const where = entry.host === undefined ? "" : ` on host ${entry.host}`
  if (seats.length === 0) return `no ${lane} worker is there${where}`
  const holding = seats.find(seat => seat.holding !== undefined)?.holding
  if (holding !== undefined && seats.every(seat => seat.holding !== undefined))
    return `workers hold: ${holding}`
  const ofRepo = active.filter(turn => repoOf(turn) === repoOf(entry))
  if (ofRepo.length >= limits.perRepo)
    return `repo limit ${ofRepo.length} of ${limits.perRepo}, behind ${ofRepo.map(({ task }) => task).join(", ")}`
  const free = freeSlots(active, seats)
  const slots = seats.reduce((sum, seat) => sum + (seat.holding === undefined ? seat.capacity : 0), 0)
  if ([...free.values()].every(count => count <= 0)) return `all ${slots} slots${where} busy`
  return standing.ahead <= 0 ? "next" : `behind ${standing.ahead} more urgent or older`
}

/** Rounds of the slots until its place comes, each as long as the lane's median turn; null when nothing says. */
const etaOf = (standing: Standing, around: Around): number | null => {
  const { entry } = standing
  const { limits, active, now } = around
  const dueInMs = Math.max(0, (entry.notBefore ?? 0) - now)
  const seats = limits.seats.filter(
    seat => seat.holding === undefined && (entry.host === undefined || seat.host === entry.host),
  )
  const slots = seats.reduce((sum, seat) => sum + seat.capacity, 0)
  if (limits.paused || slots === 0 || entry.after !== undefined) return null
  const room = [...freeSlots(active, seats).values()].reduce((sum, count) => sum + Math.max(0, count), 0)
  const repoRoom = limits.perRepo - active.filter(turn => repoOf(turn) === repoOf(entry)).length
  const waits = Math.max(0, standing.ahead) + 1 - room
  const waitsInRepo = Math.max(0, standing.aheadInRepo) + 1 - Math.max(0, repoRoom)
  const rounds = Math.max(Math.ceil(waits / slots), Math.ceil(waitsInRepo / limits.perRepo), 0)
  if (rounds === 0) return dueInMs
  const median = medianOf(around.durations)
  return median === null ? null : Math.max(dueInMs, rounds * median)
}

/** The middle of some durations; null of none. */
export const medianOf = (values: readonly number[]): number | null =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null
