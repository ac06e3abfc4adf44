/** Messages on their way to one reader: when it is too slow they are dropped, and it is told that something is missing. */
export type Mailbox<Message> = Disposable & {
  put: (message: Message | null) => void
  /** The next message; null when some may have been lost, or nothing came for a while; undefined when the signal ended it. */
  take: () => Promise<Message | null | undefined> | Message | null | undefined
}

/** A reader that is this far behind reads the log instead. */
const mostWaiting = 2_000

/**
 * Makes a mailbox. `idleMs` bounds how long a silently dead subscription can go unnoticed. There may be ten thousand: what it waits with
 * is made once.
 */
export const makeMailbox = <Message>(idleMs: number, signal: AbortSignal): Mailbox<Message> => {
  let waiting: (Message | null)[] = []
  let notify: (() => void) | null = null
  const wake = () => {
    notify?.()
    notify = null
  }
  const idle = setTimeout(wake, idleMs)
  signal.addEventListener("abort", wake, { once: true })
  const next = () => (signal.aborted ? undefined : (waiting.shift() ?? null))
  return {
    put: message => {
      if (waiting.length >= mostWaiting) waiting = [null]
      else waiting.push(message)
      wake()
    },
    take: () => {
      if (waiting.length > 0 || signal.aborted) return next()
      idle.refresh()
      return new Promise(resolve => {
        notify = () => resolve(next())
      })
    },
    [Symbol.dispose]: () => {
      clearTimeout(idle)
      signal.removeEventListener("abort", wake)
    },
  }
}
