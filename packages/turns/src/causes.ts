import type { AbortCause } from "@twolane/store"

/** Why the work was stopped: what was thrown says so itself, or the signal does. Anything else is a bug, and thrown on. */
export const causeOf = (error: unknown, signal: AbortSignal): AbortCause => {
  if (isCause(error)) return error
  if (signal.aborted && isCause(signal.reason)) return signal.reason
  throw error
}

const isCause = (value: unknown): value is AbortCause =>
  typeof value === "object" && value !== null && "by" in value && !(value instanceof Error)
