import { Fault } from "@twolane/protocol"
import type { Caller } from "../http/auth.ts"

/**
 * The team that a request is about: the caller's own, or, for the key of the settings, any.
 * @throws Fault forbidden
 */
export const teamFor = (caller: Caller, wanted: string = caller.team): string => {
  if (wanted === caller.team || caller.isOperator) return wanted
  throw new Fault("forbidden", "Only the key of the settings (TWOLANE_API_KEY) sees to other teams.")
}
