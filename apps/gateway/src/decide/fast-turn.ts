import { traceNow } from "@twolane/common/trace/context"
import {
  endWaiting,
  Fault,
  lastTurn,
  type NewEvent,
  type Outcome,
  openTurn,
  runningTurn,
  type TaskState,
  type TurnState,
  turnOf,
} from "@twolane/protocol"
import { type NextTurn, refuseDiscarded } from "./follow-up.ts"

/** What a fast turn on a live task means now: its events; or the running turn is to be ended first; or it is there already. */
export type FastDecision =
  | { what: "begin"; events: NewEvent[] }
  | { what: "end-first"; turn: string; events: NewEvent[] }
  | { what: "made" }

/**
 * Decides on a fast turn, which never waits: an open turn keeps it out, unless it is to be interrupted.
 * @throws Fault task-discarded, turn-running
 */
export const decideFastTurn = (state: TaskState, next: NextTurn, now: number): FastDecision => {
  if (turnOf(state, next.turn) !== undefined) return { what: "made" }
  refuseDiscarded(state)
  const open = openTurn(state)
  if (open === undefined) return { what: "begin", events: [queuedNow(next, now)] }
  if (!next.interrupt) throw busy("Interrupt it, steer it, or send a deep turn, which waits behind it.")
  if (lastTurn(state) !== open) throw busy("Further turns wait behind it; cancel them first.")
  const handOff = open.lane === "deep"
  const request: NewEvent = {
    type: "cancel.requested",
    by: next.by,
    scope: "turn",
    turn: open.id,
    at: now,
    ...(handOff && { handOff }),
  }
  if (runningTurn(state) === undefined)
    return {
      what: "begin",
      events: [request, ...endWaiting(state, open.id, outcomeOf(open, next), now), queuedNow(next, now)],
    }
  return { what: "end-first", turn: open.id, events: open.status === "canceling" ? [] : [request] }
}

const busy = (detail: string): Fault => new Fault("turn-running", detail)

const outcomeOf = (open: TurnState, { by }: NextTurn): Outcome =>
  open.lane === "deep" ? { status: "handed_off" } : { status: "canceled", by }

const queuedNow = ({ turn, prompt, by, options }: NextTurn, at: number): NewEvent => ({
  type: "turn.queued",
  lane: "fast",
  position: null,
  reason: "goes to a fast worker at once",
  prompt,
  by,
  options,
  turn,
  at,
  ...traceNow(),
})
