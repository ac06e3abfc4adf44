import { setTimeout as sleep } from "node:timers/promises"
import type { OnError } from "./redis/connect.ts"

/** Runs something again and again, never two at once, until disposed; its errors are reported and it goes on. */
export const every = (
  intervalMs: number,
  work: { name: string; run: () => Promise<void>; onError: OnError },
): AsyncDisposable => {
  const stop = new AbortController()
  const loop = async () => {
    while (!stop.signal.aborted) {
      try {
        await work.run()
      } catch (error) {
        work.onError(error, work.name)
      }
      await pause(intervalMs, stop.signal)
    }
  }
  const running = loop()
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await running
    },
  }
}

/** Waits; shorter when the signal aborts. It never rejects. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    // Aborted: the caller looks at its signal.
  }
}
