import {
  type Actor,
  endTurn,
  Fault,
  LimitName,
  type NewEvent,
  type OpenGate,
  type Outcome,
  type TaskState,
  turnOf,
} from "@twolane/protocol"

/** What a person said at a gate. */
export type GateAnswer = { gate: string; decision: "allow" | "deny"; note?: string; by: Actor }

/**
 * Decides a gate, once. `allow`, and `deny` with a note for the model, let the turn go on; `deny` without one ends it.
 * @throws Fault gate-decided, and not-found for a gate that is not open and has no decision in the state
 */
export const decideGate = (state: TaskState, answer: GateAnswer, now: number): NewEvent[] => {
  const open = state.gates.find(gate => gate.gate === answer.gate)
  if (open === undefined) throw notOpen(state, answer.gate)
  const decided: NewEvent = { type: "gate.decided", ...answer, turn: open.turn, at: now }
  if (answer.decision === "allow" || answer.note !== undefined) return [decided, ...goOn(state, open, now)]
  const rest = { ...state, gates: state.gates.filter(gate => gate !== open) }
  return [decided, ...endTurn(rest, open.turn, denied(open, answer.by), now)]
}

const notOpen = (state: TaskState, gate: string): Fault => {
  const known = state.turns.some(turn => turn.decisions.some(decision => decision.gate === gate))
  return known
    ? new Fault("gate-decided", "The first decision stands.")
    : new Fault("not-found", "There is no such gate.")
}

/** The turn is queued again, unless it waits at another gate as well. */
const goOn = (state: TaskState, { gate, turn: id }: OpenGate, now: number): NewEvent[] => {
  const turn = turnOf(state, id)
  if (turn === undefined) throw new Error(`gate ${gate} names turn ${id}, which ${state.id} does not have`)
  if (state.gates.some(other => other.gate !== gate && other.turn === id)) return []
  const { lane, prompt, by, options } = turn
  const reason = "goes on after a person's decision"
  const again = { why: "gate" as const }
  return [
    { type: "turn.queued", lane, position: null, reason, prompt, by, options, again, turn: id, at: now },
  ]
}

const denied = (gate: OpenGate, by: Actor): Outcome => {
  if (gate.kind !== "budget") return { status: "canceled", by, detail: `${gate.kind} denied` }
  const which = LimitName.safeParse((gate.subject as { which?: unknown } | undefined)?.which)
  return { status: "limited", which: which.success ? which.data : "cost", detail: "more was denied" }
}
