import type { OnError } from "./redis/connect.ts"

/**
 * Runs something again and again, never two at once, until disposed; its errors are reported and it goes on. The first run comes
 * at once, or with `after: "interval"` only when the interval has passed.
 */
export const every = (
  intervalMs: number,
  work: { name: string; after?: "interval"; run: () => Promise<void>; onError: OnError },
): AsyncDisposable => {
  const stop = new AbortController()
  const loop = async () => {
    if (work.after === "interval") await pause(intervalMs, stop.signal)
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
      // With a reason of its own: the usual one is an error, and its stack costs more than the rest of the timer.
      stop.abort("disposed")
      await running
    },
  }
}

/** Waits; shorter when the signal aborts. It never rejects: the caller looks at its signal. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener("abort", end)
      resolve()
    }
    const timer = setTimeout(end, signal.aborted ? 0 : ms)
    signal.addEventListener("abort", end, { once: true })
  })
