import { type LoopEnd, runTurn, secondsLeft } from "@twolane/agent"
import { deadline } from "@twolane/common"
import { endTurn, type Outcome } from "@twolane/protocol"
import type { AbortCause, Attempt } from "@twolane/store"
import { finishTurn } from "./finish-turn.ts"
import { failTurn, openGate, refuseCanceled } from "./leave-turn.ts"
import { openRoom, type Room } from "./open-room.ts"
import { stopTurn } from "./stop-turn.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/**
 * Runs one claimed turn to an end that is written down: an outcome, a gate, or the turn queued again. Every failure that a person
 * or another try can mend is a value; what is thrown here is a bug, and ends the attempt.
 */
export const runAttempt = async (deps: WorkerDeps, attempt: Attempt): Promise<void> => {
  let room: Room | null = null
  try {
    if (deps.engine === "noop")
      return await endNow(attempt, { status: "succeeded", detail: "the no-op engine" })
    const opened = await openRoom(deps, attempt, attempt.signal)
    if ("fault" in opened) return await failTurn(deps, attempt, opened.fault)
    room = opened
    await inRoom(deps, attempt, room)
  } catch (error) {
    await stopTurn(deps, attempt, room, causeOf(error, attempt.signal))
  } finally {
    await room?.[Symbol.asyncDispose]()
  }
}

const inRoom = async (deps: WorkerDeps, attempt: Attempt, room: Room): Promise<void> => {
  const leftMs = secondsLeft(attempt.state(), attempt.turn, room.plan.limits, attempt.now()) * 1_000
  using limited = deadline(leftMs, attempt.signal)
  using watched = room.stallWatch(limited.signal)
  try {
    const end = await runTurn(room.plan, room.ports, watched.signal)
    await settle(deps, attempt, room, end, watched.signal)
  } catch (error) {
    throw watched.signal.aborted ? watched.signal.reason : error
  }
}

const settle = async (
  deps: WorkerDeps,
  attempt: Attempt,
  room: Room,
  end: LoopEnd,
  signal: AbortSignal,
): Promise<void> => {
  switch (end.end) {
    case "done":
      return finishTurn(deps, attempt, room, end, signal)
    case "outcome":
      return endNow(attempt, end.outcome)
    case "gate":
      return openGate(attempt, end)
    case "failure":
      return failTurn(deps, attempt, end)
    default:
      return end satisfies never
  }
}

const endNow = async (attempt: Attempt, outcome: Outcome): Promise<void> => {
  await attempt.write((state, now) => {
    refuseCanceled(state, attempt.turn)
    return endTurn(state, attempt.turn, outcome, now)
  })
}

/** Why the work was stopped: what was thrown says so itself, or the signal does. Anything else is a bug, and thrown on. */
const causeOf = (error: unknown, signal: AbortSignal): AbortCause => {
  if (isCause(error)) return error
  if (signal.aborted && isCause(signal.reason)) return signal.reason
  throw error
}

const isCause = (value: unknown): value is AbortCause =>
  typeof value === "object" && value !== null && "by" in value && !(value instanceof Error)
