/** A worker's slots for turns that come directly. */
export type Slots = { take: () => Disposable | null; full: () => boolean }

/** `running` counts the turns at work, of which each of ours is one as soon as it is claimed; whichever count is larger holds. */
export const makeSlots = (capacity: number, running: () => number): Slots => {
  let taken = 0
  const full = () => Math.max(taken, running()) >= capacity
  return {
    full,
    take: () => {
      if (full()) return null
      taken += 1
      let given = false
      return {
        [Symbol.dispose]: () => {
          if (!given) taken -= 1
          given = true
        },
      }
    },
  }
}
