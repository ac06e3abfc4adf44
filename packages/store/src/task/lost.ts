import {
  isFinal,
  maxRetries,
  type NewEvent,
  openTurn,
  type TaskState,
  type TurnState,
} from "@twolane/protocol"

/** What a lease that is over means for a task. Pure; each is written only while no lease is live. */
export type Lost =
  /** Nobody had it. */
  | { what: "none" }
  /** The next claim goes on with it. */
  | { what: "again"; event: NewEvent }
  /** It ends here: canceled with the lease as proof, or lost too often. */
  | { what: "end"; events: NewEvent[] }

/** Judges a task whose worker is out of reach. */
export const judgeLost = (state: TaskState, now: number): Lost => {
  const turn = openTurn(state)
  if (turn === undefined || !state.attemptOpen) return { what: "none" }
  if (turn.cancel !== undefined) return { what: "end", events: cancelEvents(turn, "lease", now) }
  const event: NewEvent = {
    type: "attempt.lost",
    turn: turn.id,
    at: now,
    lost: state.attempt,
    reason: `worker ${turn.worker ?? "unknown"} went away`,
  }
  if (turn.lostInRow + 1 < maxRetries) return { what: "again", event }
  const detail = `${maxRetries} attempts were lost with no new checkpoint between`
  return {
    what: "end",
    events: [
      event,
      {
        type: "turn.ended",
        turn: turn.id,
        at: now,
        outcome: { status: "failed", code: "worker-lost", detail },
        usage: turn.usage,
      },
    ],
  }
}

/** Ends canceled turns that no worker has: their cancel was written, and its end was not. */
export const endCanceled = (state: TaskState, now: number): NewEvent[] =>
  state.attemptOpen
    ? []
    : state.turns
        .filter(turn => turn.cancel !== undefined && !isFinal(turn.status))
        .flatMap(turn => cancelEvents(turn, "never_started", now))

const cancelEvents = (turn: TurnState, proof: "lease" | "never_started", now: number): NewEvent[] => {
  if (turn.cancel === undefined) return []
  const { by, reason, at, handOff } = turn.cancel
  const detail = reason === undefined ? {} : { detail: reason }
  return [
    { type: "cancel.confirmed", turn: turn.id, at: now, ms: Math.max(0, now - at), killed: 0, proof },
    {
      type: "turn.ended",
      turn: turn.id,
      at: now,
      outcome: handOff === true ? { status: "handed_off", ...detail } : { status: "canceled", by, ...detail },
      usage: turn.usage,
    },
  ]
}
