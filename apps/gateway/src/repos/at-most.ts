/** Runs what it is given, at most so many at once; the others wait their turn. */
export type AtMost = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Makes an `AtMost`. */
export const atMost = (most: number): AtMost => {
  const waiting: (() => void)[] = []
  let running = 0
  return async work => {
    if (running >= most) await new Promise<void>(resolve => waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      // The place goes to the next one, or is given back.
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
