import { setImmediate as afterThisTick, setTimeout as sleep } from "node:timers/promises"
import type { Lane } from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { Hints } from "./hints.ts"
import { issue, perRepoOf, readSnapshot, type Snapshot, seatOf } from "./lane.ts"
import { pick } from "./pick.ts"
import { makeGenerations, type Tickets } from "./tickets.ts"

/** The lane's picker in this process. */
export type Picker = {
  /** Looks at once; while it looks, one further look is kept in mind. */
  poke: () => void
  /** Looks, and resolves when that look is done. */
  look: () => Promise<void>
  /** Resolves when no look is under way. */
  idle: () => Promise<void>
}

/** Looks under load are at least this far apart: each fills all free slots, and an idle queue's first look comes at once. */
const spacingMs = 5

/** Makes the picker of a lane. `active` says whether this process has the upkeep; a look without it does nothing. */
export const makePicker = (
  context: Context,
  lane: Lane,
  parts: { tickets: Tickets; hints: Hints; active: () => boolean; onLook: (snapshot: Snapshot) => void },
): Picker => {
  const nextGeneration = makeGenerations(context.now)
  let looking: Promise<void> | null = null
  let again = false
  let lookedAt = Number.NEGATIVE_INFINITY

  const lookOnce = async () => {
    const snapshot = await readSnapshot(context, lane)
    const limits = {
      perRepo: perRepoOf(context, lane),
      paused: snapshot.paused,
      seats: snapshot.workers.map(seatOf),
    }
    const picks = pick(snapshot.waiting, snapshot.active, limits, snapshot.now).map(one => ({
      ...one,
      generation: nextGeneration(),
      state: parts.hints.take(one.entry),
    }))
    if (picks.length > 0) {
      // Side by side, and the ticket first, since a worker waits for it: a turn that moved on meanwhile is refused by the claim.
      const sent = parts.tickets.send(lane, picks)
      await Promise.all([sent, afterThisTick().then(() => issue(context, lane, picks))])
    }
    parts.onLook(snapshot)
    // With more turns waiting than heads were read, free slots may be left.
    if (picks.length > 0) again = true
  }
  const lookUntilQuiet = async () => {
    try {
      do {
        const restMs = lookedAt + spacingMs - performance.now()
        if (restMs > 0) await sleep(restMs)
        if (!parts.active()) return
        again = false
        await lookOnce()
        lookedAt = performance.now()
      } while (again && parts.active())
    } catch (error) {
      context.onError(error, "picker")
    } finally {
      looking = null
    }
  }
  const look = async () => {
    if (!parts.active()) return
    if (looking !== null) again = true
    looking ??= lookUntilQuiet()
    await looking
  }
  return { look, poke: () => void look(), idle: async () => void (await looking) }
}
