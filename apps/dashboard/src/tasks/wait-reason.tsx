import { Link } from "@tanstack/react-router"
import type { QueuePlace } from "@twolane/protocol"
import { useTask } from "../live/use-live.ts"
import { aboutWords } from "../ui/words.ts"

/** When a task that waits about starts, and why it waits. `links`: the tasks that it waits for are links, which nothing inside of a link may be. */
export const WaitReason = ({ place, links = false }: { place: QueuePlace; links?: boolean }) => {
  const { reason, etaMs } = place
  return (
    <>
      {etaMs !== undefined && etaMs > 0 && `${aboutWords(etaMs)}: `}
      {reason
        .split(/(task_[0-9a-z]+)/)
        .map((part, index) => (index % 2 === 1 ? <TaskTitle key={part} id={part} link={links} /> : part))}
    </>
  )
}

const TaskTitle = ({ id, link }: { id: string; link: boolean }) => {
  const title = useTask(id)?.title
  const words = title === undefined ? "another task" : `“${title}”`
  if (!link) return <>{words}</>
  return (
    <Link to="/tasks/$task" params={{ task: id }} className="underline hover:text-accent">
      {words}
    </Link>
  )
}
