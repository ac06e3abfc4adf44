import { type PointerEvent, useCallback } from "react"
import { useWordsAt } from "./clock.ts"
import { agoWords, clockWords, exactWords, untilWords, utcWords } from "./words.ts"

/** A title that is written when somebody points at it: a list has hundreds of dates, and to write one out is dear. */
const titled = (words: () => string) => ({
  onPointerEnter: ({ currentTarget }: PointerEvent<HTMLTimeElement>) => {
    currentTarget.title = words()
  },
})

/** When something was: in relative words that stay true, exact on hover. */
export const Time = ({ at }: { at: number }) => {
  const words = useWordsAt(useCallback(now => agoWords(at, now), [at]))
  return (
    <time dateTime={new Date(at).toISOString()} {...titled(() => exactWords(at))}>
      {words}
    </time>
  )
}

/** When something is to be: in the reader's zone, exact on hover. What comes drawn was made in nobody's zone. */
export const Until = ({ at }: { at: number }) => {
  const words = useWordsAt(
    useCallback(now => (import.meta.env.SSR ? utcWords(at) : untilWords(at, now)), [at]),
  )
  return (
    <time dateTime={new Date(at).toISOString()} {...titled(() => exactWords(at))}>
      {words}
    </time>
  )
}

/** How long something has taken since `since`: a running clock. */
export const Elapsed = ({ since }: { since: number }) => {
  const words = useWordsAt(useCallback(now => clockWords(now - since), [since]))
  return (
    <time
      dateTime={new Date(since).toISOString()}
      {...titled(() => `since ${exactWords(since)}`)}
      className="tabular-nums"
    >
      {words}
    </time>
  )
}
