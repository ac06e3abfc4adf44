import { Link } from "@tanstack/react-router"
import type { Candidate, Group } from "@twolane/protocol"
import { WithTitles } from "../../../tasks/task-title.tsx"
import { Button } from "../../../ui/button.tsx"
import { LaneName } from "../../../ui/lane.tsx"
import { Status } from "../../../ui/status.tsx"
import { testLooks } from "../../../ui/test-looks.ts"
import { visibleName } from "../../../ui/visible.ts"
import { countWords, durationWords } from "../../../ui/words.ts"

type CandidateRowProps = {
  candidate: Candidate
  group: Group
  /** It is the task that is being looked at. */
  shown: boolean
  /** Absent where the reader may not choose, or one was chosen. */
  onChoose?: () => void
}

const cell = "px-3 pt-2 align-top tabular-nums whitespace-nowrap"

/** One candidate: its figures, and below them in words why it stands there. */
export const CandidateRow = ({ candidate, group, shown, onChoose }: CandidateRowProps) => {
  const { task, rank, lane, model, status, tests, change, trips, gates, usage, runningMs, reason } = candidate
  return (
    <tbody className="border-line border-t" data-candidate={task} aria-current={shown || undefined}>
      <tr className={shown ? "bg-hover" : ""}>
        <th scope="row" className={`${cell} font-normal`}>
          <span className="flex items-center gap-2">
            <span className="text-faint">{rank}.</span>
            <LaneName lane={lane} />
            {model !== undefined && <span className="max-w-48 truncate">{visibleName(model)}</span>}
            {shown ? (
              <span className="text-faint">this one</span>
            ) : (
              <Link to="/tasks/$task" params={{ task }} className="text-accent underline">
                open
              </Link>
            )}
          </span>
        </th>
        <td className={cell}>
          <Status status={status} />
          {gates > 0 && <span className="ml-2 text-warn">{countWords(gates, "question")}</span>}
        </td>
        <td className={cell}>
          <Tests tests={tests} />
        </td>
        <td className={cell}>{tripWords(trips)}</td>
        <td className={cell}>
          {change === undefined || change.files === 0 ? (
            <span className="text-faint">none</span>
          ) : (
            <>
              {countWords(change.files, "file")} <span className="text-good">+{change.added}</span>{" "}
              <span className="text-bad">−{change.removed}</span>
            </>
          )}
        </td>
        <td className={cell}>
          {usage.costUsd === null || usage.steps === 0 ? (
            <span className="text-faint">unknown</span>
          ) : (
            `$${usage.costUsd.toFixed(4)}`
          )}
        </td>
        <td className={cell}>{durationWords(runningMs)}</td>
      </tr>
      <tr className={shown ? "bg-hover" : ""}>
        <td colSpan={7} className="px-3 pb-2">
          {/* Stays in sight where the figures are wider than the screen. */}
          <div className="sticky left-3 flex max-w-[calc(100vw-4rem)] flex-wrap items-center justify-between gap-x-3 gap-y-1">
            <p className="min-w-0 flex-1 basis-60 text-muted">
              <WithTitles text={reason} />
            </p>
            {group.chosen === task ? (
              <span className="font-medium text-good">Chosen</span>
            ) : (
              onChoose !== undefined &&
              candidate.reviewHead !== undefined && (
                <Button size="small" look={rank === 1 ? "primary" : "plain"} onClick={onChoose}>
                  Choose …
                </Button>
              )
            )}
          </div>
        </td>
      </tr>
    </tbody>
  )
}

const Tests = ({ tests }: Pick<Candidate, "tests">) => {
  if (tests === undefined) return <span className="text-faint">not run</span>
  const { words, ink } = testLooks[tests.status]
  return <span className={ink}>{words}</span>
}

const tripWords = (trips: Candidate["trips"]) => {
  const rules = Object.entries(trips)
  if (rules.length === 0) return <span className="text-faint">none tripped</span>
  return (
    <span className="text-warn">
      {rules.map(([rule, times]) => `${visibleName(rule)}${times > 1 ? ` ×${times}` : ""}`).join(", ")}
    </span>
  )
}
