import { type Problem, problemOf } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"
import { faultOf } from "./problem.ts"

/** The problem that one item of a request has; the other items go on. What is our own fault goes to the log. */
export const itemProblem = ({ log }: Pick<Gateway, "log">, error: unknown, requestId: string): Problem => {
  const fault = faultOf(error)
  if (fault.code === "internal") log.error({ requestId, error: fault.cause ?? fault }, "an item failed")
  return problemOf(fault, requestId)
}
