import { Time } from "../../../ui/time.tsx"
import { visible, visibleName } from "../../../ui/visible.ts"
import type { Entry } from "../timeline/entries.ts"

const answers = {
  open: { words: "not heard yet", ink: "text-warn" },
  applied: { words: "heard", ink: "text-good" },
  rejected: { words: "not applied", ink: "text-bad" },
} as const

/** What somebody said in mid-turn, and whether the agent heard it. */
export const SteerEntry = ({ prompt, by, answer, reason, at }: Extract<Entry, { kind: "steer" }>) => {
  const { words, ink } = answers[answer]
  return (
    <div
      data-entry="steer"
      data-answer={answer}
      className="ml-6 rounded-lg border border-line bg-surface px-3.5 py-2"
    >
      <div className="mb-1 flex items-baseline gap-2.5 text-sm">
        <span className="font-medium">Steer</span>
        {by !== undefined && <span className="text-muted">{visibleName(by.name)}</span>}
        <span className={ink}>
          {words}
          {reason !== undefined && `: ${visible(reason)}`}
        </span>
        <span className="ml-auto text-faint">
          <Time at={at} />
        </span>
      </div>
      <p className="whitespace-pre-wrap break-words">{visible(prompt)}</p>
    </div>
  )
}
