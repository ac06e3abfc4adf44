import type { TurnState } from "./state.ts"

/** From here on a turn's time does not count as running. */
export const stopClock = (turn: TurnState, at: number): void => {
  if (turn.runningSince === undefined) return
  turn.runningMs += Math.max(0, at - turn.runningSince)
  delete turn.runningSince
}

/** The time of a turn that a worker has counts again. */
export const startClock = (turn: TurnState, at: number): void => {
  if (turn.status === "running" || turn.status === "canceling") turn.runningSince ??= at
}
