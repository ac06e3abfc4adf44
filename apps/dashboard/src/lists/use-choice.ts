import { type KeyboardEvent, useState } from "react"

/** The current one of the choices below a field. */
export type Choice = {
  /** -1 without any. */
  current: number
  /** Arrows go round through them, Enter takes the current one; answers whether the key was one of these. */
  onKeyDown: (event: KeyboardEvent) => boolean
  /** Back to the first, for when others were found. */
  reset: () => void
}

/** Goes through so many choices by keys. */
export const useChoice = (count: number, take: (index: number) => void): Choice => {
  const [at, setAt] = useState(0)
  const current = Math.min(at, count - 1)
  return {
    current,
    onKeyDown: ({ key }) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[key]
      if (step !== undefined) setAt((current + step + count) % Math.max(1, count))
      else if (key === "Enter") {
        setAt(0)
        take(current)
      } else return false
      return true
    },
    reset: () => setAt(0),
  }
}
