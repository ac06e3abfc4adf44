import { useQuery, useQueryClient } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { drainedWords, type Lane, type WorkerView } from "@twolane/protocol"
import { client } from "../../client.ts"
import { useCommands } from "../../keys/commands.ts"
import { useTask } from "../../live/use-live.ts"
import { queueKey, workerList } from "../../queries.ts"
import { useMay } from "../../session/session.ts"
import { Button } from "../../ui/button.tsx"
import { Elapsed, Time } from "../../ui/time.tsx"
import { useAct } from "../../ui/use-act.ts"

/** Who works in a lane, and on what. */
export const WorkerLines = ({ lane }: { lane: Lane }) => {
  const { data } = useQuery(workerList)
  const mayDrain = useMay("admin")
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
        <WorkerLine key={worker.id} worker={worker} mayDrain={mayDrain} />
      ))}
    </ul>
  )
}

const WorkerLine = ({ worker, mayDrain }: { worker: WorkerView; mayDrain: boolean }) => (
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
    {mayDrain && <DrainButton worker={worker} />}
  </li>
)

/** Lets a worker take no new turns, before an update or before its machine goes; or lets it take turns again. */
const DrainButton = ({ worker: { id, host, pid, holding } }: { worker: WorkerView }) => {
  const { busy, act } = useAct()
  const queries = useQueryClient()
  const drained = holding === drainedWords
  const does = drained ? "Resume" : "Drain"
  const name = `${does} the worker ${host}:${pid}`
  const run = () =>
    void act(name, async () => {
      await (drained ? client.resumeWorker(id) : client.drainWorker(id))
      await queries.invalidateQueries({ queryKey: queueKey })
    })
  useCommands([{ id: `drain ${id}`, title: name, section: "Queue", run }])
  return (
    <Button
      size="small"
      look="quiet"
      busy={busy}
      aria-label={name}
      title={drained ? "It takes turns again" : "It takes no new turns; what it has goes on"}
      onClick={run}
      className="ml-auto"
    >
      {does}
    </Button>
  )
}

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
