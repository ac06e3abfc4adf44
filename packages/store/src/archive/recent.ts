/** What was read of late; what was not is forgotten first, once all of it together is too large. */
export type Recent<Value> = {
  get: (name: string) => Value | undefined
  set: (name: string, value: Value, size: number) => void
}

/** Keeps values up to a size in all. */
export const keepRecent = <Value>(mostSize: number): Recent<Value> => {
  const kept = new Map<string, { value: Value; size: number }>()
  let sum = 0
  const drop = (name: string) => {
    sum -= kept.get(name)?.size ?? 0
    kept.delete(name)
  }
  return {
    get: name => {
      const found = kept.get(name)
      if (found === undefined) return undefined
      kept.delete(name)
      kept.set(name, found)
      return found.value
    },
    set: (name, value, size) => {
      drop(name)
      kept.set(name, { value, size })
      sum += size
      for (const oldest of kept.keys()) {
        if (sum <= mostSize) return
        drop(oldest)
      }
    },
  }
}
