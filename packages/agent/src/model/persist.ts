import { backoffMs, sleep } from "@twolane/common/lifetime"
import type { CallResult } from "./failure.ts"
import type { ModelEvent, ModelResult } from "./port.ts"
import { tellAfterMs, tellWaits } from "./tell-waits.ts"
import type { ModelTiming } from "./timing.ts"

/**
 * Makes a call until it works, or until trying again has no sense: the failure will not pass, the tries are used up, or the wait
 * would go beyond the patience. Before each new try a `retry` event says that what was heard so far counts for nothing.
 */
export const persist = async (
  call: () => Promise<CallResult>,
  onEvent: (event: ModelEvent) => void,
  timing: ModelTiming,
  signal: AbortSignal,
): Promise<ModelResult> => {
  const backoff = { attempts: timing.attempts, baseMs: timing.baseWaitMs, maxMs: timing.maxWaitMs }
  let firstFailureAt: number | null = null
  for (let tries = 1; ; tries += 1) {
    const result = await call()
    signal.throwIfAborted()
    if (result.ok) return result
    const now = performance.now()
    firstFailureAt ??= now
    const afterMs = waitMs(result.retryAfterMs, backoffMs(tries, backoff))
    const patient = now - firstFailureAt + afterMs <= timing.patienceMs
    const { code, detail, retryAfterMs } = result
    if (!result.retryable || !patient || tries >= timing.attempts)
      return { ok: false, code, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
    onEvent({ type: "retry", reason: detail, afterMs: Math.round(afterMs) })
    const waits = tellWaits(onEvent)
    if (code === "model-rate-limited" && afterMs >= tellAfterMs)
      waits.begin({ detail, atMostMs: Math.ceil(afterMs) })
    await sleep(afterMs, signal)
    waits.end()
  }
}

/** What the provider asked for, and a little more by chance, so that many callers do not come back at once. */
const waitMs = (asked: number | undefined, backoff: number): number =>
  asked === undefined ? backoff : asked * (1 + Math.random() / 10)
