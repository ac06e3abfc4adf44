import { Fault, type FaultCode, faults } from "./faults.ts"
import type { Problem } from "./resources.ts"

/** The problem document (RFC 9457) of a fault. */
export const problemOf = (fault: Fault, requestId: string): Problem => {
  const { status, title, retryable } = faults[fault.code]
  return {
    type: `urn:twolane:problem:${fault.code}`,
    title,
    status,
    detail: fault.message,
    code: fault.code,
    requestId,
    retryable,
    ...(fault.errors === undefined ? {} : { errors: fault.errors }),
    ...fault.extra,
  }
}

/** The fault of a problem document of ours; a code of another version is `internal`. */
export const faultFrom = ({ code, detail }: Pick<Problem, "code" | "detail">): Fault =>
  new Fault(code in faults ? (code as FaultCode) : "internal", detail)
