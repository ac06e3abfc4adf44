import type { Task } from "@twolane/protocol"
import { WithTitles } from "../../tasks/task-title.tsx"
import { standsInLine, WaitReason } from "../../tasks/wait-reason.tsx"
import { outcomeWords } from "../../ui/status.tsx"
import { testLooks } from "../../ui/test-looks.ts"
import { Elapsed } from "../../ui/time.tsx"
import { visibleNames } from "../../ui/visible.ts"

/** How a task stands, in words: why it waits, how long it runs, what came of it. */
export const TaskNote = ({ task }: { task: Task }) => {
  const turn = task.turns.at(-1)
  if (task.status === "queued") return <Waiting task={task} />
  if (task.status === "waiting") return task.gates[0]?.detail ?? "at a gate"
  if (task.endedAt === undefined)
    return (
      <>
        {turn?.startedAt !== undefined && <Elapsed since={turn.startedAt} />}
        {turn !== undefined && turn.attempts > 1 && `, attempt ${turn.attempts}`}
        <Change task={task} />
        <Overlaps task={task} />
      </>
    )
  const words = turn?.outcome === undefined ? "" : outcomeWords(turn.outcome)
  return (
    <>
      {words !== "" && (
        <span title={words}>
          <WithTitles text={words} />
        </span>
      )}
      <Change task={task} />
    </>
  )
}

const Waiting = ({ task }: { task: Task }) => {
  if (task.queue === undefined) return "its place is being counted"
  return (
    <span title={standsInLine(task.queue) ? task.queue.reason : undefined}>
      {standsInLine(task.queue) && (
        <span className="mr-2 font-medium text-ink tabular-nums">#{task.queue.position}</span>
      )}
      <WaitReason place={task.queue} />
    </span>
  )
}

const Overlaps = ({ task: { overlaps = [] } }: { task: Task }) =>
  overlaps.length === 0 ? null : (
    <span
      className="text-warn"
      title={overlaps.map(({ title, paths }) => `${title}: ${visibleNames(paths)}`).join("\n")}
    >
      overlaps {overlaps.length === 1 ? "another task" : `${overlaps.length} tasks`}
    </span>
  )

const Change = ({ task: { change, tests, review } }: { task: Task }) => (
  <>
    {change !== undefined && change.files > 0 && (
      <span className="tabular-nums">
        <span className="text-good">+{change.added}</span> <span className="text-bad">−{change.removed}</span>
      </span>
    )}
    {tests !== undefined && (
      <span className={testLooks[tests.status].ink}>{testLooks[tests.status].words}</span>
    )}
    {review !== "none" && <span>{review === "open" ? "to review" : review}</span>}
  </>
)
