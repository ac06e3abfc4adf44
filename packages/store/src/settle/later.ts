/** Work that may come a little later, many items in one call. */
export type Later<Item> = {
  /** Never waits but when far too much is left to do. */
  add: (items: readonly Item[]) => Promise<void>
  /** Resolves when all that was added before has been sent; answers whether there was something left to send. */
  flush: () => Promise<boolean>
}

/** A writer's own way goes first; and what many write within this time shares one call. */
const lagMs = 3
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
  let timer: NodeJS.Timeout | undefined

  const sendSome = async () => {
    const some = left.slice(0, mostAtOnce)
    left = left.slice(mostAtOnce)
    await send(some)
    sent += some.length
    sending = left.length > 0 ? sendSome() : null
  }
  const start = () => {
    clearTimeout(timer)
    timer = undefined
    if (left.length > 0) sending ??= sendSome()
  }
  const flush = async () => {
    const upTo = added
    const late = sent < upTo
    start()
    while (sent < upTo && sending !== null) await sending
    return late
  }
  return {
    flush,
    add: async items => {
      left.push(...items)
      added += items.length
      if (sending === null) timer ??= setTimeout(start, lagMs)
      while (left.length > mostLeft) await flush()
    },
  }
}
