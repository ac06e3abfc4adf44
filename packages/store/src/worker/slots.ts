/** A worker's slots for turns that come directly. */
export type Slots = { take: () => Disposable | null; full: () => boolean }

/**
 * `working` counts the turns at work. One that was let in is not among them until it begins, and its slot is given back then. A turn that
 * has ended, or waits for a person, is at work no more, though its workspace is still being put aside: whoever was told so may go on at
 * once.
 */
export const makeSlots = (capacity: number, working: () => number): Slots => {
  let comingIn = 0
  const full = () => comingIn + working() >= capacity
  return {
    full,
    take: () => {
      if (full()) return null
      comingIn += 1
      let given = false
      return {
        [Symbol.dispose]: () => {
          if (!given) comingIn -= 1
          given = true
        },
      }
    },
  }
}
