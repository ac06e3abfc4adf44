/** Work that may come a little later, many items in one call. */
export type Later<Item> = {
  /** Never waits but when far too much is left to do. */
  add: (items: readonly Item[]) => Promise<void>
  /** Resolves when all that was added before has been sent; answers whether there was something left to send. */
  flush: () => Promise<boolean>
}

/** A writer's own way goes first; and what many write within this time shares one call. */
const lagMs = 3
/** A busy process' calls are so far apart, but for full ones: what several tasks say of one index costs little more than what one says. */
const spacingMs = 20
/** Redis does nothing else during one call. */
const mostAtOnce = 50
/** Who adds to more than this waits until there is less. */
const mostLeft = 1_000

/** Sends what was added, in order and one call at a time; `send` never rejects. */
export const makeLater = <Item>(send: (items: readonly Item[]) => Promise<void>): Later<Item> => {
  let left: Item[] = []
  let added = 0
  let sent = 0
  let sending: Promise<void> | null = null
  let startedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  const sendSome = async () => {
    startedAt = performance.now()
    const some = left.slice(0, mostAtOnce)
    left = left.slice(mostAtOnce)
    await send(some)
    sent += some.length
    sending = null
    plan()
  }
  const start = () => {
    clearTimeout(timer)
    timer = undefined
    if (left.length > 0) sending ??= sendSome()
  }
  const plan = () => {
    if (sending !== null || left.length === 0) return
    if (left.length >= mostAtOnce) return start()
    timer ??= setTimeout(start, Math.max(lagMs, startedAt + spacingMs - performance.now()))
  }
  const flush = async () => {
    const upTo = added
    const late = sent < upTo
    while (sent < upTo) {
      start()
      await sending
    }
    return late
  }
  return {
    flush,
    add: async items => {
      left.push(...items)
      added += items.length
      plan()
      while (left.length > mostLeft) await flush()
    },
  }
}
