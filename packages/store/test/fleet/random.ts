/** Chance that a seed repeats. */
export type Chance = {
  below: (limit: number) => number
  oneOf: <Item>(items: readonly [Item, ...Item[]]) => Item
}

/** mulberry32: small, and good enough to shuffle a queue. */
export const chanceOf = (seed: number): Chance => {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { below, oneOf: items => items[below(items.length)] ?? items[0] }
}
