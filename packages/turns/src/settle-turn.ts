import type { LoopEnd } from "@twolane/agent"
import { endTurn, type Outcome } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { finishTurn } from "./finish-turn.ts"
import { failTurn, openGate, refuseCanceled } from "./leave-turn.ts"
import type { Room } from "./room.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** Writes down how a loop ended: delivered, an outcome, a gate, or a failure that may be tried again. */
export const settleTurn = async (
  deps: WorkerDeps,
  attempt: Attempt,
  room: Room,
  end: LoopEnd,
  signal: AbortSignal,
): Promise<void> => {
  switch (end.end) {
    case "done":
      return finishTurn(deps, attempt, room, end, signal)
    case "outcome":
      return endNow(attempt, end.outcome)
    case "gate":
      return openGate(attempt, end)
    case "failure":
      return failTurn(deps, attempt, end)
    default:
      return end satisfies never
  }
}

/** Ends the turn with an outcome that needs nothing more. */
export const endNow = async (attempt: Attempt, outcome: Outcome): Promise<void> => {
  await attempt.write((state, now) => {
    refuseCanceled(state, attempt.turn)
    return endTurn(state, attempt.turn, outcome, now)
  })
}
