/** Gathers what arrives and hands it on once per animation frame. */
export type Frames<Item> = {
  add: (item: Item) => void
  /** Forgets what has not been handed on. */
  drop: () => void
}

/** A hidden page has no frames: what arrives there is handed on in bunches of this time. */
const hiddenEveryMs = 1_000

/**
 * Makes it; `take` gets everything since the last frame, in its order: in a task of its own after the frame, so that what is then made new and
 * what the browser lays out and paints of it are two tasks, with room for a click between.
 */
export const createFrames = <Item>(take: (items: readonly Item[]) => void): Frames<Item> => {
  let waiting: Item[] = []
  const flush = (): void => {
    const items = waiting
    waiting = []
    if (items.length > 0) take(items)
  }
  const schedule = (): void => {
    if (document.visibilityState === "hidden") setTimeout(flush, hiddenEveryMs)
    else requestAnimationFrame(() => setTimeout(flush))
  }
  return {
    add: item => {
      if (waiting.length === 0) schedule()
      waiting.push(item)
    },
    drop: () => {
      waiting = []
    },
  }
}
