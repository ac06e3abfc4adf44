import type { ModelEvent } from "./port.ts"
import type { RateWait } from "./rate-gate.ts"

/** A shorter wait is not worth a word. */
export const tellAfterMs = 250

/** Tells when a wait begins and, if one did, when it is over. One that is cut off has no end of its own. */
export const tellWaits = (
  onEvent: (event: ModelEvent) => void,
): { begin: (wait: RateWait) => void; end: () => void } => {
  let since: number | null = null
  return {
    begin: wait => {
      since = performance.now()
      onEvent({ type: "waiting", ...wait })
    },
    end: () => {
      if (since !== null) onEvent({ type: "resumed", waitedMs: Math.round(performance.now() - since) })
    },
  }
}
