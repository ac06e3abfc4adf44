import type { Task } from "@twolane/protocol"
import { standsInLine, WaitReason } from "../../tasks/wait-reason.tsx"
import { Label } from "../../ui/label.tsx"
import { LaneName } from "../../ui/lane.tsx"
import { Status } from "../../ui/status.tsx"
import { Elapsed, Time } from "../../ui/time.tsx"
import { visibleName } from "../../ui/visible.ts"
import { countWords, durationWords } from "../../ui/words.ts"
import { Actions } from "./actions.tsx"
import { OverlapNote } from "./overlap-note.tsx"
import type { Timings } from "./timeline/timings.ts"

const isWeb = (url: string): boolean => /^https?:\/\//.test(url)

/** What the task is, how it stands, what it cost, and what can be done with it. */
export const TaskHeader = ({ task, timings }: { task: Task; timings: Timings }) => (
  <header>
    <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
      <h1 className="min-w-0 flex-1 basis-80 break-words font-semibold text-xl">{task.title}</h1>
      <Actions task={task} />
    </div>
    <div className="mt-1.5 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
      <LaneName lane={task.lane} />
      <span role="status">
        <Status status={task.status} />
      </span>
      <span className="font-medium">{task.repo}</span>
      <span className="font-mono text-muted" title="The task's branch">
        {task.branch}
      </span>
      {task.pullRequest !== undefined && isWeb(task.pullRequest.url) && (
        <a href={task.pullRequest.url} rel="noopener noreferrer" target="_blank" className="underline">
          Pull request {task.pullRequest.number === undefined ? "" : `#${task.pullRequest.number}`}
        </a>
      )}
      <span className="text-muted">
        by {visibleName(task.by.name)} from {task.origin}, <Time at={task.createdAt} />
      </span>
      {task.labels.map(label => (
        <Label key={label} label={label} className="max-w-64" />
      ))}
      {task.behind !== undefined && task.behind > 0 && (
        <span className="text-warn">{countWords(task.behind, "commit")} behind</span>
      )}
      <ReviewWords review={task.review} />
    </div>
    {task.queue !== undefined && (
      <p className="mt-1.5 text-muted">
        {standsInLine(task.queue) ? `#${task.queue.position} in line, ` : "Not in line yet: "}
        <WaitReason place={task.queue} links />
      </p>
    )}
    {task.endedAt === undefined && <OverlapNote task={task.id} />}
    <TimingLine task={task} timings={timings} />
  </header>
)

const ReviewWords = ({ review }: Pick<Task, "review">) =>
  review === "accepted" ? (
    <span className="font-medium text-good">Accepted</span>
  ) : review === "discarded" ? (
    <span className="text-faint">Discarded</span>
  ) : review === "open" ? (
    <span className="text-accent">To review</span>
  ) : null

/** The turn's marks, as they are reached: this is what the two lanes are about. */
const TimingLine = ({ task, timings }: { task: Task; timings: Timings }) => {
  if (timings.turn === null) return null
  const open = task.endedAt === undefined
  const { usage } = task
  return (
    <dl aria-label="Timings and cost" className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-sm tabular-nums">
      <Mark name="First token" ms={timings.firstTokenMs} open={open} />
      <Mark name="First edit" ms={timings.firstEditMs} open={open} />
      <Mark name="Green" ms={timings.greenMs} open={open} />
      <div className="flex gap-1.5">
        <dt className="text-faint">{timings.endedMs === null ? "So far" : "Ended"}</dt>
        <dd>
          {timings.endedMs === null ? <Elapsed since={timings.askedAt} /> : durationWords(timings.endedMs)}
        </dd>
      </div>
      <div className="flex gap-1.5">
        <dt className="text-faint">Tokens</dt>
        <dd>
          {usage.inputTokens.toLocaleString()} in, {usage.outputTokens.toLocaleString()} out
        </dd>
      </div>
      {usage.costUsd !== null && usage.steps > 0 && (
        <div className="flex gap-1.5">
          <dt className="text-faint">Cost</dt>
          <dd>${usage.costUsd.toFixed(4)}</dd>
        </div>
      )}
    </dl>
  )
}

const Mark = ({ name, ms, open }: { name: string; ms: number | null; open: boolean }) => (
  <div className="flex gap-1.5">
    <dt className="text-faint">{name}</dt>
    <dd className={name === "Green" && ms !== null ? "font-medium text-good" : ""}>
      {ms === null ? (open ? "…" : "never") : durationWords(ms)}
    </dd>
  </div>
)
