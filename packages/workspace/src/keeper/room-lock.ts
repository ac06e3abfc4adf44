/** Lets many share, or one be alone; who waits to be alone goes before later sharers. */
export type RoomLock = {
  /** Commands: several at once. */
  shared<Value>(act: () => Promise<Value>, signal: AbortSignal): Promise<Value>
  /** A patch: never while a command runs. */
  alone<Value>(act: () => Promise<Value>, signal: AbortSignal): Promise<Value>
}

type Waiter = { alone: boolean; start: () => void }

/** A lock that nobody holds. */
export const createRoomLock = (): RoomLock => {
  let sharers = 0
  let single = false
  const waiting: Waiter[] = []

  const admit = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (single || (next.alone && sharers > 0)) return
      waiting.shift()
      if (next.alone) single = true
      else sharers += 1
      next.start()
    }
  }
  const enter = (alone: boolean, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const giveUp = () => {
        waiting.splice(waiting.indexOf(waiter), 1)
        reject(signal.reason)
        admit()
      }
      const waiter: Waiter = {
        alone,
        start: () => {
          signal.removeEventListener("abort", giveUp)
          resolve()
        },
      }
      if (signal.aborted) return reject(signal.reason)
      signal.addEventListener("abort", giveUp, { once: true })
      waiting.push(waiter)
      admit()
    })
  return {
    async shared(act, signal) {
      await enter(false, signal)
      try {
        return await act()
      } finally {
        sharers -= 1
        admit()
      }
    },
    async alone(act, signal) {
      await enter(true, signal)
      try {
        return await act()
      } finally {
        single = false
        admit()
      }
    },
  }
}
