import { type FastEnd, runFastTurn } from "@twolane/agent"
import { orAborted } from "@twolane/common"
import type { Attempt } from "@twolane/store"
import { endNow, failTurn, modelFault, runningDeadline, settleTurn, stopByError } from "@twolane/turns"
import type { Arrival, FastDeps } from "./fast-deps.ts"
import { handOff } from "./hand-off.ts"
import { type FastRoom, openRoom } from "./open-room.ts"

/**
 * Runs one turn of the fast lane to an end that is written down. The claim may still be on its way: the model is asked beside it, and
 * the first thing that is written waits for it.
 */
export const runFast = async (deps: FastDeps, attempt: Attempt, arrival: Arrival): Promise<void> => {
  let room: FastRoom | null = null
  let kept = false
  using entered = deps.warm.enter(attempt.task)
  using _held = deps.house.hold(attempt.task, attempt.provedAt)
  try {
    if (deps.engine === "noop")
      return await endNow(attempt, { status: "succeeded", detail: "the no-op engine" })
    const fault = modelFault("fast", deps.model, deps.modelVerdict())
    if (fault !== null) return await failTurn(deps, attempt, fault)
    await orAborted(entered.before, attempt.signal)
    const opened = await openRoom(deps, attempt, arrival, attempt.signal)
    if ("fault" in opened) return await failTurn(deps, attempt, opened.fault)
    room = opened
    await inRoom(deps, attempt, room)
    kept = true
  } catch (error) {
    const cause = await stopByError(deps, attempt, room, error)
    kept = cause?.by === "user" || cause?.by === "disconnect"
  } finally {
    if (kept) room?.keep()
    else await room?.close()
  }
}

const inRoom = async (deps: FastDeps, attempt: Attempt, room: FastRoom): Promise<void> => {
  using limited = runningDeadline(attempt, room.plan.limits)
  using watched = room.stallWatch(limited.signal)
  try {
    await settle(
      deps,
      attempt,
      room,
      await runFastTurn(room.plan, room.ports, watched.signal),
      watched.signal,
    )
  } catch (error) {
    throw watched.signal.aborted ? watched.signal.reason : error
  }
}

const settle = async (
  deps: FastDeps,
  attempt: Attempt,
  room: FastRoom,
  end: FastEnd,
  signal: AbortSignal,
): Promise<void> => {
  if (end.end === "hand_off") return handOff(attempt, end.detail)
  return settleTurn(deps, attempt, room, end, signal)
}
