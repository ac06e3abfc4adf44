import type { EventId } from "@twolane/protocol"

/** Whether a log still ends where it did. What one reader of a process found out a moment ago, or is about to, is true for the others. */
export type StillQuiet = (log: string, last: EventId, look: () => Promise<boolean>) => Promise<boolean>

/** More logs are not remembered: those that are looked at next are asked for anew. */
const mostLogs = 10_000

/**
 * Ten thousand idle watchers of a few tasks then cost a look each few seconds for each task, and not for each of them. `look` never
 * rejects.
 */
export const makeStillQuiet = (freshMs: number, now: () => number = () => performance.now()): StillQuiet => {
  const looks = new Map<string, { last: EventId; at: number; quiet: Promise<boolean> }>()
  return (log, last, look) => {
    const known = looks.get(log)
    if (known?.last === last && now() - known.at < freshMs) return known.quiet
    if (looks.size >= mostLogs) looks.clear()
    const quiet = look()
    looks.set(log, { last, at: now(), quiet })
    return quiet
  }
}
