const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
/** npm passes on a Ctrl-C that the terminal has sent us already: a signal this soon after the first is the same one. */
const sameMs = 700
const orphanCheckMs = 1_000

/** What to do when a person wants an end. */
export type StopHandlers = { stop: () => void; force: () => void }

/**
 * Calls `stop` on the first Ctrl-C, SIGTERM or SIGHUP, and `force` on the next one. With `watchParent` the death of the parent
 * (npm, which a kill -9 may end) counts as a signal too.
 */
export const onStopSignals = (handlers: StopHandlers, watchParent: boolean): Disposable => {
  let firstAt: number | null = null
  const onSignal = () => {
    const now = performance.now()
    if (firstAt === null) {
      firstAt = now
      handlers.stop()
    } else if (now - firstAt > sameMs) handlers.force()
  }
  for (const signal of stopSignals) process.on(signal, onSignal)
  const parent = process.ppid
  const watch = setInterval(() => {
    if (!watchParent || process.ppid === parent || firstAt !== null) return
    onSignal()
  }, orphanCheckMs).unref()
  return {
    [Symbol.dispose]: () => {
      clearInterval(watch)
      for (const signal of stopSignals) process.removeListener(signal, onSignal)
    },
  }
}
