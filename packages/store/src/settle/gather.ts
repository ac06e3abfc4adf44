/** Sends items under a key; resolves when they are sent. */
export type Gather<Item, Key = string> = (key: Key, items: readonly Item[]) => Promise<void>

/**
 * Gathers what many callers send under one key: the first goes out in its own tick, and what comes while it is under way goes out
 * together after it. An idle caller waits for nobody; under load many share one call. A call that fails fails for all of its items.
 */
export const gather = <Item, Key = string>(send: Gather<Item, Key>): Gather<Item, Key> => {
  const busy = new Map<Key, Promise<void>>()
  const waiting = new Map<Key, { items: Item[]; sent: Promise<void> }>()
  const start: Gather<Item, Key> = (key, items) => {
    const sent = send(key, items)
    const over = sent.then(
      () => void busy.delete(key),
      () => void busy.delete(key),
    )
    busy.set(key, over)
    return sent
  }
  return (key, items) => {
    const next = waiting.get(key)
    if (next !== undefined) {
      next.items.push(...items)
      return next.sent
    }
    const before = busy.get(key)
    if (before === undefined) return start(key, items)
    const gathered = [...items]
    const sent = before.then(() => {
      waiting.delete(key)
      return start(key, gathered)
    })
    waiting.set(key, { items: gathered, sent })
    return sent
  }
}
