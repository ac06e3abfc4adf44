/** Chance that can be repeated: the same seed gives the same numbers. */
export type Random = {
  /** From 0 up to, not including, 1. */
  next: () => number
  /** A whole number from `min` to `max`, both in. */
  whole: (min: number, max: number) => number
  /** Whether something of this probability happens. */
  chance: (probability: number) => boolean
  /** One of some. */
  one: <Item>(items: readonly Item[]) => Item
}

/** Makes chance from a seed (mulberry32). */
export const makeRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    whole,
    chance: probability => next() < probability,
    one: <Item>(items: readonly Item[]) => {
      if (items.length === 0) throw new Error("one of none")
      return items[whole(0, items.length - 1)] as Item
    },
  }
}
