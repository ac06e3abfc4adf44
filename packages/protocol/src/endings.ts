import type { NewEvent } from "./events.ts"
import type { TaskState } from "./state.ts"
import type { Actor, Outcome } from "./terms.ts"

/** Twolane itself, where no person acts. */
export const system: Actor = { key: "system", name: "Twolane" }

/**
 * The events that end a turn, whoever ends it: its open steers are rejected and its open gates closed, then `turn.ended`.
 * To be stored in one write.
 */
export const endTurn = (state: TaskState, turn: string, outcome: Outcome, at: number): NewEvent[] => {
  const reason = `the turn ended: ${outcome.status}`
  const usage = state.turns.find(candidate => candidate.id === turn)?.usage ?? state.usage
  return [
    ...state.steers
      .filter(steer => steer.turn === turn)
      .map(({ steer }): NewEvent => ({ type: "steer.rejected", steer, reason, turn, at })),
    ...state.gates
      .filter(gate => gate.turn === turn)
      .map(
        ({ gate }): NewEvent => ({ type: "gate.decided", gate, decision: "closed", by: system, turn, at }),
      ),
    { type: "turn.ended", outcome, usage, turn, at },
  ]
}
