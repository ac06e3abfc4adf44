import { deadline, neverAborted } from "@twolane/common"
import { endTurn, type NewEvent } from "@twolane/protocol"
import type { AbortCause, Attempt } from "@twolane/store"
import { failTurn, queuedAgain } from "./leave-turn.ts"
import type { Room } from "./room.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** The most that saving the work may take once a turn is being ended. */
const saveWithinMs = 5_000

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
    case "user": {
      const { turn } = attempt
      const ms = Math.max(0, attempt.now() - cause.requestedAt)
      await attempt.write((_state, at): NewEvent[] => [{ type: "cancel.confirmed", ms, ...killed, turn, at }])
      await save(attempt, room)
      const { actor, reason } = cause
      const outcome = {
        status: "canceled" as const,
        by: actor,
        ...(reason === undefined ? {} : { detail: reason }),
      }
      await attempt.write((state, at) => endTurn(state, turn, outcome, at))
      return
    }
    case "shutdown":
      await save(attempt, room)
      await attempt.write((state, at) => [
        queuedAgain(state, attempt.turn, { why: "shutdown" }, "its worker shuts down", at),
      ])
      return
    case "deadline":
      await save(attempt, room)
      return overTime(deps, attempt, cause.which)
    default:
      return cause satisfies never
  }
}

const overTime = async (deps: WorkerDeps, attempt: Attempt, which: string): Promise<void> => {
  if (which === "stalled")
    return failTurn(deps, attempt, { code: "stalled", detail: "nothing happened for 10 minutes" })
  await attempt.write((state, at) =>
    endTurn(
      state,
      attempt.turn,
      { status: "limited", which: "seconds", detail: "the running time is used up" },
      at,
    ),
  )
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
  const { files, diff, sha, portable } = saved
  await attempt.write((_state, at): NewEvent[] => [
    { type: "checkpoint.saved", files, diff, checkpoint: sha, portable, turn: attempt.turn, at },
  ])
}
