import { deadline, neverAborted } from "@twolane/common"
import { cutOff, endTurn, type NewEvent, type Outcome, turnOf } from "@twolane/protocol"
import type { AbortCause, Attempt } from "@twolane/store"
import { causeOf, workspaceFailure } from "./causes.ts"
import { cancelCause, failTurn, queuedAgain, refuseCanceled } from "./leave-turn.ts"
import type { Room } from "./room.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** The most that saving the work may take once a turn is being ended. */
const saveWithinMs = 5_000

/**
 * Ends an attempt by what was thrown in it: a failure of the machine under it, or the cause of its abort. A cancel that is written
 * while that end is being prepared wins over it.
 * @returns the cause; null for a failure of the machine. @throws what is neither: a bug
 */
export const stopByError = async (
  deps: WorkerDeps,
  attempt: Attempt,
  room: Room | null,
  error: unknown,
): Promise<AbortCause | null> => {
  const failure = attempt.signal.aborted ? null : workspaceFailure(error)
  try {
    if (failure === null) return await stopBy(deps, attempt, room, causeOf(error, attempt.signal))
    await failTurn(deps, attempt, failure)
    return null
  } catch (late) {
    if (late === error) throw late
    return await stopBy(deps, attempt, room, causeOf(late, attempt.signal))
  }
}

const stopBy = async (deps: WorkerDeps, attempt: Attempt, room: Room | null, cause: AbortCause) => {
  await stopTurn(deps, attempt, room, cause)
  return cause
}

/**
 * Ends an aborted attempt by its cause. A user's cancel: kill, proof, `cancel.confirmed`, checkpoint, `turn.ended`, in this order.
 * Superseded: kill, and write nothing more. `room` is null when the abort came before the workspace was there.
 */
export const stopTurn = async (
  deps: WorkerDeps,
  attempt: Attempt,
  room: Room | null,
  cause: AbortCause,
): Promise<void> => {
  const killed = room === null ? { killed: 0, proof: "worker" as const } : await room.kill()
  switch (cause.by) {
    case "superseded":
      return
    case "user":
      return confirmCancel(attempt, room, { ...cause, ...killed })
    case "disconnect":
      return confirmCancel(attempt, room, { ...(await requestCancel(attempt)), ...killed })
    case "shutdown":
      await save(attempt, room)
      await attempt.write((state, at) => [
        queuedAgain(state, attempt.turn, { why: "shutdown" }, "its worker shuts down", at),
      ])
      return
    case "deadline":
      await attempt.write((state, at) => cutOff(state, attempt.turn, at, room?.heard()))
      await save(attempt, room)
      return overTime(deps, attempt, cause.which)
    default:
      return cause satisfies never
  }
}

type Stopped = Extract<AbortCause, { by: "user" }> & { killed: number; proof: "worker" | "group" }

/** The order is the contract's: it was killed; now what that cut off and the proof, the work saved, the end. */
const confirmCancel = async (attempt: Attempt, room: Room | null, stopped: Stopped): Promise<void> => {
  const { turn } = attempt
  const { killed, proof, requestedAt, actor, reason, handOff } = stopped
  const ms = Math.max(0, attempt.now() - requestedAt)
  await attempt.write((state, at): NewEvent[] => [
    ...cutOff(state, turn, at, room?.heard()),
    { type: "cancel.confirmed", ms, killed, proof, turn, at },
  ])
  await save(attempt, room)
  const detail = reason === undefined ? {} : { detail: reason }
  const outcome: Outcome =
    handOff === true ? { status: "handed_off", ...detail } : { status: "canceled", by: actor, ...detail }
  await attempt.write((state, at) => endTurn(state, turn, outcome, at))
}

/** The reason of a cancel that nobody spoke. */
export const callerLeft = "the caller went away"

/** Whoever asked for the turn is gone: the turn is canceled in their name, unless somebody canceled it before. */
const requestCancel = async (attempt: Attempt): Promise<Extract<AbortCause, { by: "user" }>> => {
  const { turn } = attempt
  const reason = callerLeft
  await attempt.write((state, at): NewEvent[] => {
    const known = turnOf(state, turn)
    if (known === undefined || known.cancel !== undefined) return []
    return [{ type: "cancel.requested", by: known.by, reason, scope: "turn", turn, at }]
  })
  const cancel = turnOf(attempt.state(), turn)?.cancel
  if (cancel === undefined) throw new Error(`the cancel of ${turn} was not kept`)
  return cancelCause(cancel)
}

const overTime = async (deps: WorkerDeps, attempt: Attempt, which: string): Promise<void> => {
  if (which === "stalled")
    return failTurn(deps, attempt, { code: "stalled", detail: "nothing happened for 10 minutes" })
  const outcome: Outcome = { status: "limited", which: "seconds", detail: "the running time is used up" }
  await attempt.write((state, at) => {
    refuseCanceled(state, attempt.turn)
    return endTurn(state, attempt.turn, outcome, at)
  })
}

/** Saves what the workspace holds; a tree that can't be saved in time is left at its last checkpoint. */
const save = async (attempt: Attempt, room: Room | null): Promise<void> => {
  if (room === null) return
  using limited = deadline(saveWithinMs, neverAborted())
  const { saved } = await room.checkpoint(limited.signal).catch((error: unknown) => {
    room.log.warn({ error }, "the workspace could not be saved")
    return { saved: null }
  })
  if (saved === null) return
  const { files, diff, sha, portable, whole } = saved
  await attempt.write((_state, at): NewEvent[] => [
    { type: "checkpoint.saved", files, diff, checkpoint: sha, portable, whole, turn: attempt.turn, at },
  ])
}
