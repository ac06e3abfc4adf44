/** Messages on their way to one reader: when it is too slow they are dropped, and it is told that something is missing. */
export type Mailbox = {
  put: (message: string | null) => void
  /** The next message; null when some may have been lost, or nothing came for a while; undefined when the signal ended it. */
  take: (signal: AbortSignal) => Promise<string | null | undefined>
}

/** A reader that is this far behind reads the log instead. */
const mostWaiting = 2_000

/** Makes a mailbox. `idleMs` bounds how long a silently dead subscription can go unnoticed. */
export const makeMailbox = (idleMs: number): Mailbox => {
  let waiting: (string | null)[] = []
  let notify = () => {}
  return {
    put: message => {
      if (waiting.length >= mostWaiting) waiting = [null]
      else waiting.push(message)
      notify()
    },
    take: async signal => {
      if (waiting.length === 0 && !signal.aborted) {
        const woken = Promise.withResolvers<void>()
        notify = woken.resolve
        await untilWoken(woken, idleMs, signal)
      }
      if (signal.aborted) return undefined
      return waiting.shift() ?? null
    },
  }
}

const untilWoken = async (
  woken: PromiseWithResolvers<void>,
  idleMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const done = () => woken.resolve()
  const timer = setTimeout(done, idleMs)
  signal.addEventListener("abort", done, { once: true })
  try {
    await woken.promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener("abort", done)
  }
}
