import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { overlapsOf } from "../../queries.ts"
import { Fold } from "../../ui/fold.tsx"
import { visibleName } from "../../ui/visible.ts"
import { countWords } from "../../ui/words.ts"

/** Warns that other open tasks work on the same files, and on which. */
export const OverlapNote = ({ task }: { task: string }) => {
  const { data: overlaps = [] } = useQuery(overlapsOf(task))
  if (overlaps.length === 0) return null
  return (
    <section aria-label="Overlaps" className="mt-2 rounded-md bg-warn-soft px-3 py-1.5 text-warn">
      {overlaps.map(({ task: other, title, paths }) => (
        <Fold
          key={other}
          summary={
            <span className="min-w-0 break-words">
              Works on {countWords(paths.length, "file")} that another open task works on too: {title}
            </span>
          }
        >
          {() => (
            <div className="pl-5">
              <ul className="break-all font-mono text-sm">
                {paths.map(path => (
                  <li key={path}>{visibleName(path)}</li>
                ))}
              </ul>
              <Link to="/tasks/$task" params={{ task: other }} className="font-medium underline">
                Open that task
              </Link>
            </div>
          )}
        </Fold>
      ))}
    </section>
  )
}
