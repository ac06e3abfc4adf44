/** What is taken away behind, while its worker goes on. */
export type Removals = {
  /** Takes something away. What cannot be (the disk takes no writes) is tried again with the next removal, so `remove` may be called again. */
  add(remove: () => PromiseLike<unknown>): void
  /** Tries once more what is left, and waits until nothing is under way; what is left then is the sweep's of the next start. */
  settle(): Promise<void>
}

/** Nothing is under way. */
export const keepRemovals = (): Removals => {
  const underWay = new Set<Promise<void>>()
  const left = new Set<() => PromiseLike<unknown>>()
  const start = (remove: () => PromiseLike<unknown>) => {
    const over = Promise.resolve(remove())
      .then(
        () => undefined,
        () => void left.add(remove),
      )
      .finally(() => underWay.delete(over))
    underWay.add(over)
  }
  const again = () => {
    const some = [...left]
    left.clear()
    for (const remove of some) start(remove)
  }
  const quiet = async () => {
    while (underWay.size > 0) await Promise.all(underWay)
  }
  return {
    add: remove => {
      again()
      start(remove)
    },
    settle: async () => {
      await quiet()
      again()
      await quiet()
    },
  }
}
