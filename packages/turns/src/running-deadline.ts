import { type Limits, secondsLeft } from "@twolane/agent"
import { type DerivedSignal, derive } from "@twolane/common"
import type { Attempt } from "@twolane/store"

/** The longest that a timer can be set for. */
const mostMs = 2 ** 31 - 1

/**
 * A signal that also ends when the turn's running time is used up. What does not count as running (a wait for a provider's limits) is
 * taken off by the fold, so that it is asked again when the time seems over. Disposing it stops the clock.
 */
export const runningDeadline = (attempt: Attempt, limits: Limits): DerivedSignal => {
  const derived = derive(attempt.signal)
  const leftMs = () => secondsLeft(attempt.state(), attempt.turn, limits, attempt.now()) * 1_000
  let timer: NodeJS.Timeout
  const arm = () => {
    timer = setTimeout(look, Math.min(mostMs, Math.max(1, leftMs())))
  }
  const look = () => {
    if (leftMs() > 0) arm()
    else derived.abort({ by: "deadline" })
  }
  arm()
  return {
    ...derived,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      derived[Symbol.dispose]()
    },
  }
}
