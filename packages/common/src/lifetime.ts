/** Abort signals, deadlines, sleeping and retrying: everything that waits can be ended, and nothing is left behind. */

/** Why something was ended. The first cause wins; it is the signal's `reason`. */
export type AbortReason = {
  readonly by: "user" | "deadline" | "disconnect" | "shutdown" | "superseded"
}

/** A signal of one's own below another one; disposing it releases the parent's listener. */
export type DerivedSignal = Disposable & {
  readonly signal: AbortSignal
  /** Ends it with a reason; later calls change nothing. */
  abort(reason: AbortReason): void
}

/**
 * A signal that ends with its parent, or by itself. Unlike `AbortSignal.any`, it leaves nothing on a process-long parent once
 * disposed.
 */
export const derive = (parent: AbortSignal): DerivedSignal => {
  const controller = new AbortController()
  const onParent = () => controller.abort(parent.reason)
  if (parent.aborted) onParent()
  else parent.addEventListener("abort", onParent, { once: true })
  return {
    signal: controller.signal,
    abort: reason => controller.abort(reason),
    [Symbol.dispose]: () => parent.removeEventListener("abort", onParent),
  }
}

/** A derived signal that ends after `timeoutMs` with `{ by: "deadline" }`; disposing it stops the clock. */
export const deadline = (timeoutMs: number, parent: AbortSignal): DerivedSignal => {
  const derived = derive(parent)
  const timer = setTimeout(() => derived.abort({ by: "deadline" }), timeoutMs)
  return {
    ...derived,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      derived[Symbol.dispose]()
    },
  }
}

/** A signal that never ends, for what has no caller above it. */
export const neverAborted = (): AbortSignal => new AbortController().signal

/** The reason as our type; a foreign reason (a DOMException, say) is null. */
export const abortReason = (signal: AbortSignal): AbortReason | null => {
  const reason: unknown = signal.reason
  return signal.aborted && typeof reason === "object" && reason !== null && "by" in reason
    ? (reason as AbortReason)
    : null
}

/** Waits; rejects with the signal's reason when it ends first. */
export const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort)
      resolve()
    }, ms)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    signal.addEventListener("abort", onAbort, { once: true })
  })

/** What was thrown first, where letting go of something failed after it. */
export const thrownFirst = (error: unknown): unknown =>
  error instanceof SuppressedError ? thrownFirst(error.suppressed) : error

/** The promise's result, or a rejection with the signal's reason; the promise itself goes on unobserved. */
export const orAborted = async <Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> => {
  signal.throwIfAborted()
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener("abort", onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener("abort", onAbort)
  }
}

/** How often and how patiently something is tried. */
export type RetryPolicy = {
  /** How often it is tried in all. */
  attempts: number
  /** The wait after the first failure; it doubles each time, up to `maxMs`. */
  baseMs: number
  maxMs: number
  /** Whether this failure may pass; every one by default. */
  retryable?: (error: unknown) => boolean
  /** A wait that the other side asked for (`retry-after`); null where it named none. */
  afterMs?: (error: unknown) => number | null
  random?: () => number
}

/** The wait before try `failures + 1`: half of it fixed, half by chance, so that many callers do not come back at once. */
export const backoffMs = (failures: number, policy: RetryPolicy): number => {
  const fullMs = Math.min(policy.maxMs, policy.baseMs * 2 ** (failures - 1))
  return fullMs / 2 + (fullMs / 2) * (policy.random ?? Math.random)()
}

/** Tries until it works, the policy ends (the last failure is thrown), or the signal does (its reason is thrown). */
export const retry = async <Value>(
  policy: RetryPolicy,
  attempt: (tryNumber: number) => Promise<Value>,
  signal: AbortSignal,
): Promise<Value> => {
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted()
    try {
      return await attempt(tries)
    } catch (error) {
      signal.throwIfAborted()
      if (tries >= policy.attempts || policy.retryable?.(error) === false) throw error
      await sleep(policy.afterMs?.(error) ?? backoffMs(tries, policy), signal)
    }
  }
}
