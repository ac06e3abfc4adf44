import type { Task } from "@twolane/protocol"
import { type RefObject, useEffect, useRef } from "react"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { EntryView } from "./entries/entry-view.tsx"
import type { Following } from "./timeline/use-timeline.ts"

/** How near to its end a page must stand to be taken along by what is added. */
const nearPx = 120

/** Everything that happened, oldest first. A reader who stands at the end stays there; one who has scrolled up is left alone. */
export const Conversation = ({ task, following }: { task: Task; following: Following }) => {
  const { timeline, state, error } = following
  const { entries } = timeline
  const list = useStayAtEnd(task)
  return (
    <div className="mx-auto max-w-5xl">
      <ol ref={list} aria-label="Conversation" className="space-y-3">
        {entries.map(entry => (
          <li
            key={entry.key}
            className="[contain-intrinsic-size:auto_3rem] [content-visibility:auto] empty:hidden"
          >
            <EntryView entry={entry} task={task.id} />
          </li>
        ))}
      </ol>
      {state === "failed" && <ProblemNote error={error} />}
      {state === "loading" && <p className="text-faint">Reading what happened …</p>}
      {state === "broken" && (
        <p role="status" className="mt-3 text-warn">
          The connection is lost; it is tried again, and nothing will be missing.
        </p>
      )}
    </div>
  )
}

/**
 * Keeps the end in sight while things are added and grow: of a task that is at work when it is opened, and from when a further turn is
 * asked for. An ended one is read from its beginning.
 */
const useStayAtEnd = (task: Task): RefObject<HTMLOListElement | null> => {
  const list = useRef<HTMLOListElement>(null)
  const atEnd = useRef(false)
  const turns = task.turns.length
  const open = task.endedAt === undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: a further turn, or a beginning, is what brings one to the end
  useEffect(() => {
    if (open) atEnd.current = true
  }, [turns, open])
  useEffect(() => {
    // The shell's own: the page around it never scrolls.
    const view = document.getElementById("view")
    if (view === null || list.current === null) return
    const stop = new AbortController()
    const look = () => {
      atEnd.current = view.scrollHeight - view.scrollTop - view.clientHeight < nearPx
    }
    view.addEventListener("scroll", look, { passive: true, signal: stop.signal })
    const sizes = new ResizeObserver(() => atEnd.current && view.scrollTo({ top: view.scrollHeight }))
    sizes.observe(list.current)
    return () => {
      stop.abort()
      sizes.disconnect()
    }
  }, [])
  return list
}
