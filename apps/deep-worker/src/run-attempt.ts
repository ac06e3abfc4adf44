import { runTurn } from "@twolane/agent"
import type { Attempt } from "@twolane/store"
import { endNow, failTurn, runningDeadline, settleTurn, stopByError, type WorkerDeps } from "@twolane/turns"
import { type DeepRoom, openRoom } from "./open-room.ts"

/**
 * Runs one claimed turn to an end that is written down: an outcome, a gate, or the turn queued again. Every failure that a person
 * or another try can mend is a value; what is thrown here is a bug, and ends the attempt.
 */
export const runAttempt = async (deps: WorkerDeps, attempt: Attempt): Promise<void> => {
  let room: DeepRoom | null = null
  using _held = deps.house.hold(attempt.task, attempt.provedAt)
  try {
    if (deps.engine === "noop")
      return await endNow(attempt, { status: "succeeded", detail: "the no-op engine" })
    const opened = await openRoom(deps, attempt, attempt.signal)
    if ("fault" in opened) return await failTurn(deps, attempt, opened.fault)
    room = opened
    await inRoom(deps, attempt, room)
  } catch (error) {
    await stopByError(deps, attempt, room, error)
  } finally {
    await room?.[Symbol.asyncDispose]()
  }
}

const inRoom = async (deps: WorkerDeps, attempt: Attempt, room: DeepRoom): Promise<void> => {
  using limited = runningDeadline(attempt, room.plan.limits)
  using watched = room.stallWatch(limited.signal)
  try {
    const end = await runTurn(room.plan, room.ports, watched.signal)
    await settleTurn(deps, attempt, room, end, watched.signal)
  } catch (error) {
    throw watched.signal.aborted ? watched.signal.reason : error
  }
}
