import { useCallback, useSyncExternalStore } from "react"

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** One timer for every time on the page. */
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  timer ??= setInterval(() => {
    for (const each of listeners) each()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Words that depend on the time; renders again only when they are other ones. */
export const useWordsAt = (words: (now: number) => string): string => {
  const read = useCallback(() => words(Date.now()), [words])
  return useSyncExternalStore(subscribe, read, read)
}
