/** Waits; ends early, without an error, when the signal does. */
export const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise(resolve => {
    if (signal?.aborted === true) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener("abort", end)
  })

/** A wait that doubles with each failure, up to 5 s, half of it by chance. */
export const backoffMs = (failures: number): number => {
  const fullMs = Math.min(5_000, 100 * 2 ** failures)
  return fullMs / 2 + (fullMs / 2) * Math.random()
}
