import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { Lane, WorkerView } from "@twolane/protocol"
import { useTask } from "../../live/use-live.ts"
import { workerList } from "../../queries.ts"
import { Elapsed, Time } from "../../ui/time.tsx"

/** Who works in a lane, and on what. */
export const WorkerLines = ({ lane }: { lane: Lane }) => {
  const { data } = useQuery(workerList)
  if (data === undefined) return null
  const workers = data.items.filter(worker => worker.lane === lane)
  if (workers.length === 0)
    return (
      <p className="mt-3 text-muted">
        No {lane} worker is there, so nothing of this lane can run. Start one with{" "}
        <code className="font-mono text-ink">npm start</code>, or on another machine (see the operations
        guide).
      </p>
    )
  return (
    <ul className="mt-3 space-y-1">
      {workers.map(worker => (
        <WorkerLine key={worker.id} worker={worker} />
      ))}
    </ul>
  )
}

const WorkerLine = ({ worker }: { worker: WorkerView }) => (
  <li className="flex min-w-0 flex-wrap items-baseline gap-x-3 text-sm">
    <span className="text-muted" title={`${worker.id}, version ${worker.version}`}>
      {worker.host}:{worker.pid}
    </span>
    <span className="text-faint tabular-nums">
      {worker.busy} of {worker.capacity}
    </span>
    {worker.holding !== undefined && <span className="text-warn">takes nothing new: {worker.holding}</span>}
    {worker.sandbox !== "jail" && (
      <span className="text-warn">
        {worker.sandbox === "off" ? "sandbox off" : "no sandbox: commands are refused"}
      </span>
    )}
    {worker.busy === 0 && worker.holding === undefined && (
      <span className="text-faint">
        idle, started <Time at={worker.since} />
      </span>
    )}
    {worker.turns.map(({ task, turn, since }) => (
      <WorkerTurn key={turn} task={task} since={since} />
    ))}
  </li>
)

const WorkerTurn = ({ task, since }: { task: string; since: number }) => {
  const title = useTask(task)?.title ?? "a task"
  return (
    <Link
      to="/tasks/$task"
      params={{ task }}
      className="inline-flex min-w-0 max-w-64 items-baseline gap-1.5 rounded hover:text-accent"
    >
      <span className="truncate">{title}</span>
      <span className="shrink-0 text-faint">
        <Elapsed since={since} />
      </span>
    </Link>
  )
}
