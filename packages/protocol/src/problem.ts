import { type Fault, faults } from "./faults.ts"
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
