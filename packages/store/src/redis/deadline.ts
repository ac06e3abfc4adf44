import { Fault, isFault } from "@twolane/protocol"

/** How long one call to Redis may take before it counts as gone. */
export const redisDeadlineMs = 5_000

/**
 * A Redis call that ends: with its answer, or within the deadline with `Fault("store-unavailable")`.
 * An error that Redis itself answered, other than "not now", is a bug of ours and passes as it is.
 */
export const withDeadline = <Value>(call: Promise<Value>, timeoutMs = redisDeadlineMs): Promise<Value> =>
  // A race would make four promises for each call; there are ten calls to a submission.
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Fault("store-unavailable", `Redis did not answer in ${timeoutMs} ms`)),
      timeoutMs,
    )
    call.then(
      value => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(
          isUnavailable(error)
            ? new Fault("store-unavailable", "Redis does not answer", { cause: error })
            : error,
        )
      },
    )
  })

const notNow = /^(?:OOM|LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|MISCONF|TRYAGAIN|UNKILLABLE|BUSY)\b/

const isUnavailable = (error: unknown): boolean => {
  if (isFault(error) || !(error instanceof Error)) return false
  if (error instanceof TypeError || error instanceof RangeError) return false
  return error.name !== "ReplyError" || notNow.test(error.message)
}
