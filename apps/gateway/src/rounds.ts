import { isFault } from "@twolane/protocol"
import type { Gateway } from "./gateway.ts"

/** Work that is done in rounds. `ended` resolves when no round is under way. */
export type Rounds = { look: () => void; ended: () => Promise<void> }

/**
 * One round at a time; what is asked for meanwhile is one more, and nothing begins once the gateway stops. A round that fails is told in the
 * log, unless the store is away: the next one finds what it left.
 */
export const oneAtATime = (
  { log, stopping }: Pick<Gateway, "log" | "stopping">,
  failure: string,
  act: () => Promise<void>,
): Rounds => {
  let running: Promise<void> | null = null
  let again = false
  const look = () => {
    if (stopping.aborted) return
    if (running !== null) {
      again = true
      return
    }
    running = act()
      .catch((error: unknown) => {
        if (!isFault(error, "store-unavailable")) log.warn({ error }, failure)
      })
      .finally(() => {
        running = null
        if (!again) return
        again = false
        look()
      })
  }
  return { look, ended: async () => void (await running) }
}
