import { Link, useParams, useSearch } from "@tanstack/react-router"
import { ClientProblem } from "@twolane/client"
import type { Task } from "@twolane/protocol"
import { lazy, Suspense, useEffect, useState } from "react"
import { client } from "../../client.ts"
import { useLive, useTask } from "../../live/use-live.ts"
import { useTitle } from "../../shell/use-title.ts"
import { Empty } from "../../ui/empty.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { statusWords } from "../../ui/status.tsx"
import { Candidates } from "./candidates/candidates.tsx"
import type { Comment } from "./changes/comments.ts"
import { Composer } from "./composer.tsx"
import { Conversation } from "./conversation.tsx"
import { Tabs } from "./tabs.tsx"
import { TaskHeader } from "./task-header.tsx"
import { useTimeline } from "./timeline/use-timeline.ts"

const Changes = lazy(async () => ({ default: (await import("./changes/changes.tsx")).Changes }))

/** One task: its conversation as it happens, its change, and everything that a person can do with it. */
export const TaskView = () => {
  const { task: id } = useParams({ from: "/shell/tasks/$task" })
  return <LoadedTask key={id} id={id} />
}

const LoadedTask = ({ id }: { id: string }) => {
  const task = useTask(id)
  const error = useLoaded(id)
  useTitle(task === undefined ? "Task" : `${statusWords(task.status)}: ${task.title}`)
  if (error !== null && task === undefined)
    return (
      <div className="mx-auto max-w-2xl p-6">
        {isUnknown(error) ? (
          <Empty title="There is no such task">
            The address may be mistyped, or the task is another team's.{" "}
            <Link to="/" className="text-accent underline">
              Go to the queue
            </Link>
          </Empty>
        ) : (
          <ProblemNote error={error} />
        )}
      </div>
    )
  return task === undefined ? null : <ShownTask task={task} />
}

const isUnknown = (error: unknown) => error instanceof ClientProblem && error.problem.code === "not-found"

const ShownTask = ({ task }: { task: Task }) => {
  const { view } = useSearch({ from: "/shell/tasks/$task" })
  const following = useTimeline(task.id)
  const [comments, setComments] = useState<readonly Comment[]>([])
  return (
    <article className="mx-auto flex min-h-full max-w-7xl flex-col px-4 pt-4 sm:px-6">
      <TaskHeader task={task} timings={following.timings} />
      {task.group !== undefined && <Candidates of={task.group} shown={task.id} />}
      <Tabs task={task} />
      <div className="min-w-0 flex-1 py-4">
        {view === "changes" ? (
          <Suspense fallback={<p className="p-6 text-faint">Loading the change …</p>}>
            <Changes task={task} comments={comments} setComments={setComments} />
          </Suspense>
        ) : (
          <Conversation task={task} following={following} />
        )}
      </div>
      {view !== "changes" && <Composer task={task} />}
    </article>
  )
}

/** Loads the task, so that it is shown also when no list has it; what went wrong, or null. */
const useLoaded = (id: string): unknown => {
  const live = useLive()
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    const stop = new AbortController()
    client.task(id, { signal: stop.signal }).then(
      loaded => live.learn([loaded]),
      (thrown: unknown) => stop.signal.aborted || setError(thrown),
    )
    return () => stop.abort()
  }, [id, live])
  return error
}
