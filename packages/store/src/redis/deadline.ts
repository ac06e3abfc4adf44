import { Fault, isFault } from "@twolane/protocol"

/** How long one call to Redis may take before it counts as gone. */
export const redisDeadlineMs = 5_000

/**
 * A Redis call that ends: with its answer, or within the deadline with `Fault("store-unavailable")`.
 * An error that Redis itself answered, other than "not now", is a bug of ours and passes as it is.
 */
export const withDeadline = async <Value>(
  call: Promise<Value>,
  timeoutMs = redisDeadlineMs,
): Promise<Value> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Fault("store-unavailable", `Redis did not answer in ${timeoutMs} ms`)),
    timeoutMs,
  )
  try {
    return await Promise.race([call, late.promise])
  } catch (error) {
    throw isUnavailable(error)
      ? new Fault("store-unavailable", "Redis does not answer", { cause: error })
      : error
  } finally {
    clearTimeout(timer)
  }
}

const notNow = /^(?:OOM|LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|MISCONF|TRYAGAIN|UNKILLABLE|BUSY)\b/

const isUnavailable = (error: unknown): boolean => {
  if (isFault(error) || !(error instanceof Error)) return false
  if (error instanceof TypeError || error instanceof RangeError) return false
  return error.name !== "ReplyError" || notNow.test(error.message)
}
