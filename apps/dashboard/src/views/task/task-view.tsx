import { useParams } from "@tanstack/react-router"
import { useEffect, useState } from "react"
import { client } from "../../client.ts"
import { useLive, useTask } from "../../live/use-live.ts"
import { useTitle } from "../../shell/use-title.ts"
import { LaneName } from "../../ui/lane.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { Status } from "../../ui/status.tsx"
import { Time } from "../../ui/time.tsx"

/** One task, as it is now. */
export const TaskView = () => {
  const { task: id } = useParams({ from: "/shell/tasks/$task" })
  const live = useLive()
  const task = useTask(id)
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    const stop = new AbortController()
    client.task(id, { signal: stop.signal }).then(
      loaded => live.learn([loaded]),
      (thrown: unknown) => stop.signal.aborted || setError(thrown),
    )
    return () => stop.abort()
  }, [id, live])
  useTitle(task?.title ?? "Task")
  if (task === undefined) return error === null ? null : <ProblemNote error={error} />
  return (
    <article className="mx-auto max-w-4xl p-6">
      <h1 className="font-semibold text-xl">{task.title}</h1>
      <div className="mt-2 flex flex-wrap gap-4 text-muted">
        <LaneName lane={task.lane} />
        <Status status={task.status} />
        <span>{task.repo}</span>
        <Time at={task.createdAt} />
      </div>
      <p className="mt-6 whitespace-pre-wrap break-words">{task.prompt}</p>
    </article>
  )
}
