import type { Lane } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { readSnapshot } from "./lane.ts"
import { pick, type Situation } from "./pick.ts"
import type { Seat } from "./room.ts"

/** What a lane could use: slots for what runs and for what only lacks one, and since when the first of the latter waits. */
export type Wanted = { slots: number; waitMs: number }

/** Turns of one line that are looked at. */
const heads = 50

/** More than anybody could use. */
const endless = 1_000_000

/** What more workers would be of use for, over all teams: it does not count what a pause, a limit or a time holds back. */
export const readWanted = async (context: Context, lane: Lane): Promise<Wanted> =>
  wantedOf(await readSnapshot(context, lane, heads))

/** What the picker would choose if every host had room. Pure. */
export const wantedOf = (situation: Situation): Wanted => {
  const { waiting, active, rules, now } = situation
  const there = rules.seats.map(({ holding: _holding, ...seat }): Seat => ({ ...seat, capacity: endless }))
  const known = new Set(there.map(({ host }) => host))
  const missing = new Set(
    waiting.flat().flatMap(({ host }) => (host === undefined || known.has(host) ? [] : [host])),
  )
  const anywhere = known.size === 0 ? [""] : []
  const others = [...anywhere, ...missing].map((host): Seat => ({ id: host, host, capacity: endless }))
  const { picks } = pick({ ...situation, rules: { ...rules, seats: [...there, ...others] } })
  const since = picks.map(({ entry }) => Math.max(entry.queuedAt, entry.notBefore ?? 0))
  return {
    slots: active.length + picks.length,
    waitMs: since.reduce((most, at) => Math.max(most, now - at), 0),
  }
}
