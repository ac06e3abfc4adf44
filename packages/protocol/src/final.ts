import type { TurnStatus } from "./terms.ts"

/** Whether a turn in this status has ended for good. */
export const isFinal = (status: TurnStatus): boolean =>
  status === "succeeded" ||
  status === "failed" ||
  status === "canceled" ||
  status === "limited" ||
  status === "handed_off"
