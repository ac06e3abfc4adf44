import type { Outcome, TurnStatus } from "@twolane/protocol"
import { visible } from "./visible.ts"

type Look = { words: string; ink: string; sign: string }

/** What each status is called and looks like; `sign` is an SVG path in a box of 12 by 12, so that no status is told by colour alone. */
const looks: Record<TurnStatus, Look> = {
  queued: {
    words: "Waiting",
    ink: "text-faint",
    sign: "M6 3v3l2 1.5M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9",
  },
  running: { words: "Running", ink: "text-accent", sign: "M4 2.5 9.5 6 4 9.5z" },
  waiting: { words: "Needs a person", ink: "text-warn", sign: "M6 2v5M6 9.6v.2" },
  canceling: { words: "Canceling", ink: "text-warn", sign: "M3 6h6" },
  succeeded: { words: "Succeeded", ink: "text-good", sign: "M2.5 6.5 5 9l4.5-6" },
  failed: { words: "Failed", ink: "text-bad", sign: "M3 3l6 6M9 3 3 9" },
  canceled: { words: "Canceled", ink: "text-faint", sign: "M3 3h6v6H3z" },
  limited: { words: "Limit reached", ink: "text-warn", sign: "M2 10h8M3.5 7h5M5 4h2" },
  handed_off: { words: "Handed off", ink: "text-muted", sign: "M2 6h7M6.5 3.2 9.3 6 6.5 8.8" },
}

/** What a status is called. */
export const statusWords = (status: TurnStatus): string => looks[status].words

/** A status by its sign, colour and name. */
export const Status = ({ status }: { status: TurnStatus }) => {
  const { words, ink, sign } = looks[status]
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap align-bottom ${ink}`}>
      <svg viewBox="0 0 12 12" className="h-3 w-3 shrink-0" aria-hidden="true">
        <path
          d={sign}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      {words}
    </span>
  )
}

/** How a turn ended, with the reason that a status alone does not tell. */
export const outcomeWords = (outcome: Outcome): string => visible(wordsOf(outcome))

const wordsOf = (outcome: Outcome): string => {
  switch (outcome.status) {
    case "succeeded":
      return outcome.detail ?? ""
    case "failed":
      return outcome.detail === undefined ? outcome.code : `${outcome.code}: ${outcome.detail}`
    case "canceled":
      return `by ${outcome.by.name}${outcome.detail === undefined ? "" : `: ${outcome.detail}`}`
    case "limited":
      return `${outcome.which}; the work is kept, and a next turn goes on`
    case "handed_off":
      return outcome.detail ?? "to the other lane"
  }
}
