import type { Caller } from "../http/auth.ts"
import { freshMs } from "./access.ts"

/** Whoever is being answered now, so that what lasts (streams, sockets) ends with the key or session that it came with. */
export type Attendance = Disposable & {
  /** Calls `end` when the caller may not be here any more; dispose it when it has left by itself. */
  attend(caller: Caller, end: () => void): Disposable
  /** Looks after all of them at once. */
  look(): void
}

type Guest = { caller: Caller; end: () => void; since: number }

/** Looks every 2 s after those who have stayed for longer; what cannot be asked now is asked again. */
export const keepAttendance = (
  mayStay: (caller: Caller) => Promise<boolean>,
  onError: (error: unknown) => void,
): Attendance => {
  const guests = new Set<Guest>()
  const lookAfter = async (seen: readonly Guest[]): Promise<void> => {
    const byCaller = Map.groupBy(seen, ({ caller }) => caller.session?.digest ?? caller.actor.key)
    await Promise.all(
      [...byCaller.values()].map(async same => {
        const [first] = same
        if (first === undefined || (await mayStay(first.caller))) return
        for (const guest of same) if (guests.delete(guest)) guest.end()
      }),
    )
  }
  let looking = false
  const clock = setInterval(() => {
    if (looking || guests.size === 0) return
    looking = true
    const now = performance.now()
    lookAfter([...guests].filter(({ since }) => now - since > freshMs))
      .catch(onError)
      .finally(() => {
        looking = false
      })
  }, freshMs)
  clock.unref()
  return {
    attend: (caller, end) => {
      const guest = { caller, end, since: performance.now() }
      guests.add(guest)
      return { [Symbol.dispose]: () => void guests.delete(guest) }
    },
    look: () => void lookAfter([...guests]).catch(onError),
    [Symbol.dispose]: () => clearInterval(clock),
  }
}
