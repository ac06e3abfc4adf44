import { setImmediate as afterThisTick, setTimeout as sleep } from "node:timers/promises"
import type { Lane } from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { Entry } from "./entry.ts"
import { activeOf, issue, readSnapshot, type Snapshot } from "./lane.ts"
import { hidesMore, pick, roomLeft } from "./pick.ts"
import { makeGenerations, type Sent, type Tickets } from "./tickets.ts"

/** The lane's picker in this process. */
export type Picker = {
  /** Looks at once; while it looks, one further look is kept in mind. */
  poke: () => void
  /** Looks, and resolves when that look is done. */
  look: () => Promise<void>
  /** Whether nobody waited when it last looked, and nothing was said since. */
  quiet: () => boolean
  /**
   * Gives a turn that is about to be written a free slot of a quiet lane, by what the last look saw; null when it must stand in line.
   * `told` resolves when the queue knows of it: the next look waits for that.
   */
  offer: (entry: Entry, told: Promise<unknown>) => Sent | null
  /** Resolves when no look is under way. */
  idle: () => Promise<void>
}

/** Looks under load are at least this far apart: each fills all free slots, and an idle queue's first look comes at once. */
const spacingMs = 5

/** So many turns of each line are looked at where there are few lines: more where there is room for them. */
const fewHeads = 8
/** And so many of all lines together, but at least one of each. */
const fewEntries = 2_000
/** And so many in all where these cannot run: they are bound to hosts that are full, but what stands behind them may not be. */
const mostEntries = 4_000

/** Makes the picker of a lane. `active` says whether this process has the upkeep; a look without it does nothing. */
export const makePicker = (
  context: Context,
  lane: Lane,
  parts: { tickets: Tickets; active: () => boolean; onLook: (snapshot: Snapshot) => void },
): Picker => {
  const nextGeneration = makeGenerations(context.now)
  let looking: Promise<void> | null = null
  let again = false
  let lookedAt = Number.NEGATIVE_INFINITY
  let seen: Snapshot | null = null
  let heads = fewHeads
  let deep = false
  const offered = new Set<Promise<unknown>>()

  const headsFor = ({ waiting, active, rules }: Snapshot, picks: ReturnType<typeof pick>["picks"]) => {
    if (deep) return Math.max(heads, Math.floor(mostEntries / waiting.length))
    const few = Math.max(1, Math.min(fewHeads, Math.floor(fewEntries / Math.max(1, waiting.length))))
    return Math.min(rules.limits.perRepo, Math.max(few, roomLeft(active, picks, rules)))
  }
  const lookOnce = async () => {
    if (offered.size > 0) await Promise.allSettled(offered)
    const snapshot = await readSnapshot(context, lane, heads)
    const choice = pick(snapshot)
    const picks = choice.picks.map(one => ({ ...one, generation: nextGeneration() }))
    deep = !deep && hidesMore(snapshot, choice, heads)
    heads = headsFor(snapshot, picks)
    if (picks.length > 0) {
      // Side by side, and the ticket first, since a worker waits for it: a turn that moved on meanwhile is refused by the claim.
      const sent = parts.tickets.send(lane, picks)
      await Promise.all([sent, afterThisTick().then(() => issue(context, lane, { ...choice, picks }))])
    }
    seen = snapshot
    parts.onLook(snapshot)
    // With more turns waiting than heads were read, free slots may be left.
    if (picks.length > 0 || deep) again = true
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
  const quiet = () => looking === null && seen?.waiting.length === 0 && parts.active()
  const offer: Picker["offer"] = (entry, told) => {
    if (!quiet() || seen === null) return null
    // Nobody else waits, so nobody's share is at stake.
    const [one] = pick({ ...seen, waiting: [[entry]], now: context.now() }).picks
    if (one === undefined) return null
    const sent = { ...one, generation: nextGeneration() }
    seen = { ...seen, active: [...seen.active, activeOf(sent, context.now())] }
    const over = told.then(
      () => void offered.delete(over),
      () => void offered.delete(over),
    )
    offered.add(over)
    return sent
  }
  return { look, poke: () => void look(), quiet, offer, idle: async () => void (await looking) }
}
