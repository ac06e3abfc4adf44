import { Link } from "@tanstack/react-router"
import { useTask } from "../live/use-live.ts"

/** Words of the gateway's that name tasks by their ids, with the tasks' titles in them. `links`: as links, which nothing inside of a link may be. */
export const WithTitles = ({ text, links = false }: { text: string; links?: boolean }) =>
  text
    .split(/(task_[0-9a-z]{26})/)
    .map((part, index) => (index % 2 === 1 ? <TaskTitle key={part} id={part} link={links} /> : part))

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
