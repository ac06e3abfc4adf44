import { Link } from "@tanstack/react-router"
import type { Task } from "@twolane/protocol"
import { memo } from "react"
import { useTask } from "../../live/use-live.ts"
import { LaneSign } from "../../ui/lane.tsx"
import { Status } from "../../ui/status.tsx"
import { Time } from "../../ui/time.tsx"
import { TaskNote } from "./task-note.tsx"

/** One task on one line (two on a phone): lane, status, what it is, how it stands, whose it is. */
export const TaskRow = memo(({ id, current }: { id: string; current: boolean }) => {
  const task = useTask(id)
  if (task === undefined) return null
  return (
    <Link
      to="/tasks/$task"
      params={{ task: id }}
      data-row={id}
      data-current={current || undefined}
      className="grid h-full grid-cols-[auto_1fr_auto] items-center gap-x-3 border-line border-b px-4 hover:bg-hover data-[current]:bg-hover md:grid-cols-[auto_8.5rem_minmax(0,1fr)_minmax(0,22rem)_7rem_5.5rem] max-md:grid-rows-2 max-md:py-2"
    >
      <span className="row-span-1 flex items-center" title={`${task.lane} lane`}>
        <LaneSign lane={task.lane} />
        <span className="sr-only">{task.lane} lane</span>
      </span>
      <span className="text-sm max-md:order-4 max-md:col-start-2 max-md:row-start-2 max-md:truncate">
        <Status status={task.status} />
      </span>
      <Title task={task} />
      <span className="truncate text-muted text-sm max-md:hidden">
        <TaskNote task={task} />
      </span>
      <span
        className="truncate text-muted text-sm max-md:hidden"
        title={`by ${task.by.name}, from ${task.origin}`}
      >
        {task.by.name}
      </span>
      <span className="text-right text-faint text-sm tabular-nums">
        <Time at={task.endedAt ?? task.createdAt} />
      </span>
    </Link>
  )
})

const Title = ({ task }: { task: Task }) => (
  <span className="flex min-w-0 items-baseline gap-2">
    <span className="truncate font-medium">{task.title}</span>
    <span className="shrink-0 text-faint text-sm">{task.repo}</span>
    {task.labels.map(label => (
      <span key={label} className="shrink-0 rounded bg-sunken px-1 text-muted text-xs max-lg:hidden">
        {label}
      </span>
    ))}
  </span>
)
