import type { LoopEnd } from "@twolane/agent"
import { backoffMs } from "@twolane/common"
import {
  endTurn,
  type FailureCode,
  maxRetries,
  type NewEvent,
  newId,
  retriedFailures,
  type TaskState,
  type TurnState,
  turnOf,
} from "@twolane/protocol"
import type { AbortCause, Attempt } from "@twolane/store"
import type { WorkerDeps } from "./worker-deps.ts"

/** A failure of a turn: its code, what happened in words, and how long the other side asked to be left alone. */
export type TurnFailure = { code: FailureCode; detail: string; retryAfterMs?: number }

/** Ends the turn with a failure, or queues it again when the failure may pass and tries are left. The work stays saved. */
export const failTurn = async (deps: WorkerDeps, attempt: Attempt, failure: TurnFailure): Promise<void> => {
  await attempt.write((state, now) => failed(deps, state, attempt.turn, failure, now))
}

const failed = (
  deps: WorkerDeps,
  state: TaskState,
  turn: string,
  failure: TurnFailure,
  now: number,
): NewEvent[] => {
  refuseCanceled(state, turn)
  const retries = turnOf(state, turn)?.retries ?? 0
  const { code, detail } = failure
  if (!retriedFailures.has(code) || retries >= maxRetries)
    return endTurn(state, turn, { status: "failed", code, detail }, now)
  const waitMs = Math.max(failure.retryAfterMs ?? 0, Math.round(backoffMs(retries + 1, deps.retryPolicy)))
  const reason = `${code}: ${detail}; try ${retries + 2} of ${maxRetries + 1} in ${Math.ceil(waitMs / 1_000)} s`
  return [queuedAgain(state, turn, { why: "retry", code, retry: retries + 1 }, reason, now, now + waitMs)]
}

/**
 * Throws the cancel as the abort's cause when the newest state has one: to be called where a write would end the turn otherwise, or
 * let something out, since the state is newer there than the signal.
 */
export const refuseCanceled = (state: TaskState, turn: string): void => {
  const cancel = turnOf(state, turn)?.cancel
  if (cancel === undefined) return
  throw cancelCause(cancel)
}

/** A cancel that stands in the state, as the abort's cause. */
export const cancelCause = ({
  by,
  scope,
  reason,
  at,
  handOff,
}: NonNullable<TurnState["cancel"]>): Extract<AbortCause, { by: "user" }> => ({
  by: "user",
  scope,
  actor: by,
  requestedAt: at,
  ...(reason === undefined ? {} : { reason }),
  ...(handOff === undefined ? {} : { handOff }),
})

/** The event that queues a turn again by itself. */
export const queuedAgain = (
  state: TaskState,
  turn: string,
  again: { why: "retry" | "shutdown"; code?: string; retry?: number },
  reason: string,
  at: number,
  notBefore?: number,
): NewEvent => {
  const known = turnOf(state, turn)
  if (known === undefined) throw new Error(`the task has no turn ${turn}`)
  const { lane, prompt, by, options } = known
  return {
    type: "turn.queued",
    turn,
    at,
    lane,
    position: null,
    reason,
    prompt,
    by,
    options,
    again,
    ...(notBefore === undefined ? {} : { notBefore }),
  }
}

/** Puts a question to a person and lets go of the turn: a waiting turn holds no worker. */
export const openGate = async (attempt: Attempt, gate: Extract<LoopEnd, { end: "gate" }>): Promise<void> => {
  const { kind, detail, subject } = gate
  const id = newId("gate")
  await attempt.write((state, at): NewEvent[] => {
    refuseCanceled(state, attempt.turn)
    return [{ type: "gate.opened", gate: id, kind, detail, subject, turn: attempt.turn, at }]
  })
}
