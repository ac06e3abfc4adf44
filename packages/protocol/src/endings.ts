import type { NewEvent } from "./events.ts"
import type { TaskState } from "./state.ts"
import type { Actor, Outcome } from "./terms.ts"

/** Twolane itself, where no person acts. */
export const system: Actor = { key: "system", name: "Twolane" }

/** What the end of a turn closes: its open steers are rejected, its open gates closed. */
export const closeTurn = (state: TaskState, turn: string | null, at: number): NewEvent[] => [
  ...state.steers
    .filter(steer => steer.turn === turn)
    .map(({ steer }): NewEvent => {
      const reason = "the turn ended before it could be used"
      return { type: "steer.rejected", steer, reason, turn, at }
    }),
  ...state.gates
    .filter(gate => gate.turn === turn)
    .map(({ gate }): NewEvent => ({ type: "gate.decided", gate, decision: "closed", by: system, turn, at })),
]

/** The events that end a turn, whoever ends it: what it closes, then `turn.ended`. To be stored in one write. */
export const endTurn = (state: TaskState, turn: string, outcome: Outcome, at: number): NewEvent[] => {
  const usage = state.turns.find(candidate => candidate.id === turn)?.usage ?? state.usage
  return [...closeTurn(state, turn, at), { type: "turn.ended", outcome, usage, turn, at }]
}
