/** Nothing came for a while. */
export const idle = "idle"

type Taken<Message> = Message | typeof idle | null | undefined

/** Messages on their way to one reader: when it is too slow they are dropped, and it is told that something is missing. */
export type Mailbox<Message> = Disposable & {
  put: (message: Message | null) => void
  /** The next message, or that none came for a while; null when some may have been lost; undefined when the signal ended it. */
  take: () => Promise<Taken<Message>> | Taken<Message>
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
  const clock = setTimeout(wake, idleMs)
  signal.addEventListener("abort", wake, { once: true })
  const next = (): Taken<Message> => {
    if (signal.aborted) return undefined
    const first = waiting.shift()
    return first === undefined ? idle : first
  }
  return {
    put: message => {
      if (waiting.length >= mostWaiting) waiting = [null]
      else waiting.push(message)
      wake()
    },
    take: () => {
      if (waiting.length > 0 || signal.aborted) return next()
      clock.refresh()
      return new Promise(resolve => {
        notify = () => resolve(next())
      })
    },
    [Symbol.dispose]: () => {
      clearTimeout(clock)
      signal.removeEventListener("abort", wake)
    },
  }
}
