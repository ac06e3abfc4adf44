import { Link, useNavigate } from "@tanstack/react-router"
import type { Task } from "@twolane/protocol"
import { useCommands } from "../../keys/commands.ts"
import { countWords } from "../../ui/words.ts"
import type { TaskSearch } from "./search.ts"

const look =
  "-mb-px border-b-2 border-transparent px-1 py-2 text-muted hover:text-ink aria-[current]:border-accent aria-[current]:font-medium aria-[current]:text-ink"

// The two differ by their search alone.
const exactly = { exact: true, includeSearch: true }

/** Between the conversation and the change. */
export const Tabs = ({ task }: { task: Task }) => {
  const navigate = useNavigate()
  const go = (search: TaskSearch) =>
    void navigate({ to: "/tasks/$task", params: { task: task.id }, search, replace: true })
  useCommands([
    {
      id: "task-conversation",
      title: "Show the conversation",
      section: "Task",
      keys: ["1"],
      run: () => go({}),
    },
    {
      id: "task-changes",
      title: "Show the change",
      section: "Task",
      keys: ["2"],
      run: () => go({ view: "changes" }),
    },
  ])
  const { change } = task
  return (
    <nav aria-label="Views of the task" className="mt-3 flex gap-5 border-line border-b">
      <Link
        to="/tasks/$task"
        params={{ task: task.id }}
        search={{}}
        replace
        className={look}
        activeOptions={exactly}
      >
        Conversation
      </Link>
      <Link
        to="/tasks/$task"
        params={{ task: task.id }}
        search={{ view: "changes" }}
        replace
        className={look}
        activeOptions={exactly}
      >
        Changes{" "}
        {change !== undefined && change.files > 0 && (
          <span className="ml-1 font-mono text-sm tabular-nums">
            {countWords(change.files, "file")} <span className="text-good">+{change.added}</span>{" "}
            <span className="text-bad">−{change.removed}</span>
          </span>
        )}
      </Link>
    </nav>
  )
}
