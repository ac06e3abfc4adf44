import { useCallback } from "react"
import { useWordsAt } from "./clock.ts"
import { agoWords, clockWords, exactWords } from "./words.ts"

/** When something was: in relative words that stay true, exact on hover. */
export const Time = ({ at }: { at: number }) => {
  const words = useWordsAt(useCallback(now => agoWords(at, now), [at]))
  return (
    <time dateTime={new Date(at).toISOString()} title={exactWords(at)}>
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
      title={`since ${exactWords(since)}`}
      className="tabular-nums"
    >
      {words}
    </time>
  )
}
