import type { Journal } from "@twolane/agent"
import type { DerivedSignal } from "@twolane/common"
import type { AbortCause, Attempt } from "@twolane/store"

/** A turn with no event and no piece of text for so long has stalled. Every command and model call has a shorter limit of its own. */
const stalledAfterMs = 600_000
const lookEveryMs = 15_000

/** Watches a turn for signs of life: what its journal writes. */
export type StallWatch = {
  /** The attempt as the loop's journal; each use counts as a sign of life. */
  journal(attempt: Attempt): Journal
  /** A signal that also ends with `deadline` `stalled`; disposing it stops the watch. */
  watch(derived: DerivedSignal): DerivedSignal
}

/** Starts counting from now. */
export const watchStall = (): StallWatch => {
  let seenAt = performance.now()
  const seen = () => {
    seenAt = performance.now()
  }
  return {
    journal: attempt => ({
      turn: attempt.turn,
      attempt: attempt.attempt,
      state: () => attempt.state(),
      transcript: () => attempt.transcript(),
      changed: signal => attempt.changed(signal),
      now: () => attempt.now(),
      write: (events, more) => {
        seen()
        return attempt.write(events, more)
      },
      delta: delta => {
        seen()
        attempt.delta(delta)
      },
    }),
    watch: derived => {
      const timer = setInterval(() => {
        if (performance.now() - seenAt < stalledAfterMs) return
        derived.abort({ by: "deadline", which: "stalled" } as AbortCause & { by: "deadline" })
      }, lookEveryMs)
      return {
        ...derived,
        [Symbol.dispose]: () => {
          clearInterval(timer)
          derived[Symbol.dispose]()
        },
      }
    },
  }
}
