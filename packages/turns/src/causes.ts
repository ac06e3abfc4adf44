import { thrownFirst } from "@twolane/common"
import { isFault } from "@twolane/protocol"
import type { AbortCause } from "@twolane/store"
import { GitFailure, HandLost, KeeperLost } from "@twolane/workspace"
import type { TurnFailure } from "./leave-turn.ts"

/** Why the work was stopped: what was thrown says so itself, or the signal does. Anything else is a bug, and thrown on. */
export const causeOf = (error: unknown, signal: AbortSignal): AbortCause => {
  const first = thrownFirst(error)
  if (isCause(first)) return first
  if (signal.aborted && isCause(signal.reason)) return signal.reason
  throw error
}

const isCause = (value: unknown): value is AbortCause =>
  typeof value === "object" && value !== null && "by" in value && !(value instanceof Error)

/**
 * A failure of the machine under a workspace, which another try may not meet: its keeper or the hand was killed, git could not do its work, the
 * disk is full, Redis was away where nothing waits for it. Null for everything else.
 */
export const workspaceFailure = (thrown: unknown): TurnFailure | null => {
  const error = thrownFirst(thrown)
  const lost = error instanceof KeeperLost || error instanceof HandLost
  const failed =
    lost || error instanceof GitFailure || isSystemError(error) || isFault(error, "store-unavailable")
  return failed ? { code: "workspace-failed", detail: error.message } : null
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error && "code" in error
