import { traceNow } from "@twolane/common/trace/context"
import {
  type Actor,
  endWaiting,
  Fault,
  isFinal,
  lastTurn,
  type NewEvent,
  openTurn,
  runningTurn,
  type TaskState,
  type TurnOptions,
  turnOf,
  waitingTurns,
} from "@twolane/protocol"
import { interruptTurn } from "./cancel.ts"

/** How many turns of one task may wait at once. */
export const maxWaitingTurns = 10

/** A further turn; its id is chosen beforehand, so that a repeated request adds it once. */
export type NextTurn = {
  turn: string
  prompt: string
  options: TurnOptions
  by: Actor
  /** Ends the open turn first. */
  interrupt: boolean
}

/**
 * Adds a deep turn behind whatever is open.
 * @throws Fault task-discarded, too-many-turns
 */
export const addTurn = (state: TaskState, next: NextTurn, now: number): NewEvent[] => {
  if (turnOf(state, next.turn) !== undefined) return []
  refuseDiscarded(state)
  const ending = next.interrupt ? endOpen(state, next.by, now) : []
  const ended = ending.some(event => event.type === "turn.ended") ? 1 : 0
  if (waitingTurns(state).length - ended >= maxWaitingTurns)
    throw new Fault("too-many-turns", `${maxWaitingTurns} turns wait on this task already.`)
  const open = state.turns.filter(turn => !isFinal(turn.status)).length - ended
  return [
    ...ending,
    {
      type: "turn.queued",
      lane: "deep",
      position: null,
      reason: open > 0 ? "waits behind the open turn of this task" : "waits for a deep worker",
      prompt: next.prompt,
      by: next.by,
      options: next.options,
      turn: next.turn,
      at: now,
      ...traceNow(),
    },
  ]
}

/** Ends the open turn: at once when nobody runs it, else by its worker. A fast one is taken over by the deep turn that follows. */
const endOpen = (state: TaskState, by: Actor, now: number): NewEvent[] => {
  const open = openTurn(state)
  if (open === undefined) return []
  const handOff = open.lane === "fast"
  if (runningTurn(state) !== undefined)
    return interruptTurn(state, by, now).map(event =>
      event.type === "cancel.requested" && handOff ? { ...event, handOff } : event,
    )
  return [
    { type: "cancel.requested", by, scope: "turn", turn: open.id, at: now, ...(handOff && { handOff }) },
    ...endWaiting(state, open.id, handOff ? { status: "handed_off" } : { status: "canceled", by }, now),
  ]
}

/** A new turn with the last one's prompt and options. */
export type Retry = { turn: string; from: "checkpoint" | "base"; by: Actor }

/**
 * Asks for the last turn once more, from the last checkpoint or from the base.
 * @throws Fault task-discarded, task-open
 */
export const retryTurn = (state: TaskState, { turn, from, by }: Retry, now: number): NewEvent[] => {
  if (turnOf(state, turn) !== undefined) return []
  refuseDiscarded(state)
  const last = lastTurn(state)
  if (last === undefined || openTurn(state) !== undefined)
    throw new Fault("task-open", "Cancel the open turn first, or wait for its end.")
  const { lane, prompt, options } = last
  const reason = `waits for a ${lane} worker`
  return [
    {
      type: "turn.queued",
      lane,
      position: null,
      reason,
      prompt,
      by,
      options,
      from,
      turn,
      at: now,
      ...traceNow(),
    },
  ]
}

/** @throws Fault task-discarded */
export const refuseDiscarded = (state: TaskState): void => {
  if (state.review === "discarded") throw new Fault("task-discarded", "A discarded task takes no more turns.")
}
