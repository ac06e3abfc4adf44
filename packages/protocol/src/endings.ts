import type { NewEvent } from "./events.ts"
import type { TaskState } from "./state.ts"
import type { Actor, Outcome } from "./terms.ts"

/** Twolane itself, where no person acts. */
export const system: Actor = { key: "system", name: "Twolane" }

/** What the end of a turn closes: its open calls end as cut off, its open steers are rejected, its open gates closed. */
export const closeTurn = (state: TaskState, turn: string | null, at: number): NewEvent[] => [
  ...cutOff(state, turn, at),
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

/** What a call had said by some moment; `truncated` when its beginning was not kept. */
export type Heard = { text: string; truncated: boolean }

/** The ends of the calls that a turn's end found at work. `heard` is what they had said by then. */
export const cutOff = (
  state: TaskState,
  turn: string | null,
  at: number,
  heard: ReadonlyMap<string, Heard> = new Map(),
): NewEvent[] =>
  (state.calls ?? [])
    .filter(open => open.turn === turn)
    .map(({ call, tool, at: startedAt }): NewEvent => {
      const { text, truncated } = heard.get(call) ?? { text: "", truncated: false }
      const line = text === "" || text.endsWith("\n") ? "" : "\n"
      const output = `${text}${line}[cut off: the turn ended before this call did]`
      const durationMs = Math.max(0, at - startedAt)
      return { type: "tool.ended", call, tool, ok: false, output, truncated, durationMs, turn, at }
    })

/** The events that end a turn, whoever ends it: what it closes, then `turn.ended`. To be stored in one write. */
export const endTurn = (state: TaskState, turn: string, outcome: Outcome, at: number): NewEvent[] => {
  const usage = state.turns.find(candidate => candidate.id === turn)?.usage ?? state.usage
  return [...closeTurn(state, turn, at), { type: "turn.ended", outcome, usage, turn, at }]
}
