import { candidateWords, type Task } from "@twolane/protocol"
import { memo } from "react"
import { useTask } from "../../live/use-live.ts"
import { Label } from "../../ui/label.tsx"
import { LaneSign } from "../../ui/lane.tsx"
import { Status } from "../../ui/status.tsx"
import { Time } from "../../ui/time.tsx"
import { visibleName } from "../../ui/visible.ts"
import { TaskNote } from "./task-note.tsx"

type TaskRowProps = {
  id: string
  /** Chosen by j and k. */
  current: boolean
  /** On three lines, for a phone. */
  narrow: boolean
}

/** One task: lane, status, what it is, how it stands, whose it is. Its list opens it: there are many rows, and the router's own links are dear. */
export const TaskRow = memo(({ id, current, narrow }: TaskRowProps) => {
  const task = useTask(id)
  if (task === undefined) return null
  return (
    <a
      href={`/tasks/${id}`}
      data-row={id}
      data-current={current || undefined}
      className="block h-full border-line border-b px-4 -outline-offset-2 hover:bg-hover data-[current]:bg-hover"
    >
      {narrow ? <Narrow task={task} /> : <Wide task={task} />}
    </a>
  )
})

const Wide = ({ task }: { task: Task }) => (
  <span className="grid h-full grid-cols-[0.75rem_8.25rem_minmax(0,1fr)_minmax(0,24rem)_6rem_5rem] items-center gap-x-3">
    <Lane task={task} />
    <span className="text-sm">
      <Status status={task.status} />
    </span>
    <span className="flex min-w-0 items-baseline gap-2">
      <span className="truncate font-medium">{task.title}</span>
      <span className="max-w-40 shrink-0 truncate text-faint text-sm">{task.repo}</span>
      <CandidateOf task={task} />
      {/* They give way first, so that the title is read. */}
      <span className="flex min-w-0 shrink-1000 gap-1.5 overflow-hidden max-xl:hidden">
        {task.labels.map(label => (
          <Label key={label} label={label} className="max-w-32 shrink-0 text-xs" />
        ))}
      </span>
    </span>
    <span className="space-x-2 truncate text-muted text-sm">
      <TaskNote task={task} />
    </span>
    <span
      className="truncate text-muted text-sm"
      title={`by ${visibleName(task.by.name)}, from ${task.origin}`}
    >
      {visibleName(task.by.name)}
    </span>
    <When task={task} />
  </span>
)

const Narrow = ({ task }: { task: Task }) => (
  <span className="grid h-full grid-cols-[0.75rem_minmax(0,1fr)_auto] content-center gap-x-3">
    <Lane task={task} />
    <span className="truncate font-medium">{task.title}</span>
    <When task={task} />
    <span className="col-start-2 flex min-w-0 gap-3 text-sm">
      <Status status={task.status} />
      <span className="truncate text-faint">{task.repo}</span>
      <CandidateOf task={task} />
    </span>
    <span className="col-span-2 col-start-2 space-x-2 truncate text-muted text-sm empty:hidden">
      <TaskNote task={task} />
    </span>
  </span>
)

const CandidateOf = ({ task }: { task: Task }) => {
  const words = candidateWords(task)
  return words === null ? null : (
    <span className="shrink-0 whitespace-nowrap text-faint text-sm">{words}</span>
  )
}

const Lane = ({ task: { lane } }: { task: Task }) => (
  <span className="flex items-center" title={`${lane} lane`}>
    <LaneSign lane={lane} />
    <span className="sr-only">{lane} lane</span>
  </span>
)

const When = ({ task: { endedAt, createdAt } }: { task: Task }) => (
  <span className="whitespace-nowrap text-right text-faint text-sm tabular-nums">
    <Time at={endedAt ?? createdAt} />
  </span>
)
