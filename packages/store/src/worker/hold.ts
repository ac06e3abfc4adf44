import type { AbortCause } from "../port.ts"

/** Whether an attempt may go on: its abort signal, and, apart from that, whether the task is still its own. */
export type Hold = {
  readonly signal: AbortSignal
  /** Aborts when the attempt may write nothing more, whatever came first. */
  readonly lost: AbortSignal
  /** The first cause wins. */
  abort: (cause: AbortCause) => void
}

/** A fresh hold. A user's cancel leaves the right to write; a newer attempt, or a lease that can't be proven, takes it. */
export const makeHold = (): Hold => {
  const stop = new AbortController()
  const lost = new AbortController()
  return {
    signal: stop.signal,
    lost: lost.signal,
    abort: cause => {
      if (!stop.signal.aborted) stop.abort(cause)
      if (cause.by === "superseded" && !lost.signal.aborted) lost.abort(stop.signal.reason)
    },
  }
}
