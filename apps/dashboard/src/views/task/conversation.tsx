import type { Task } from "@twolane/protocol"
import { useEffect, useLayoutEffect, useRef } from "react"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { EntryView } from "./entries/entry-view.tsx"
import type { Following } from "./timeline/use-timeline.ts"

/** How near to its end a page must stand to be taken along by what is added. */
const nearPx = 120

/** Everything that happened, oldest first. A reader who stands at the end stays there; one who has scrolled up is left alone. */
export const Conversation = ({ task, following }: { task: Task; following: Following }) => {
  const { timeline, state, error } = following
  const { entries } = timeline
  useStayAtEnd(entries)
  if (state === "failed") return <ProblemNote error={error} />
  return (
    <div className="mx-auto max-w-5xl">
      <ol aria-label="Conversation" className="space-y-3">
        {entries.map(entry => (
          <li
            key={entry.key}
            className="[contain-intrinsic-size:auto_3rem] [content-visibility:auto] empty:hidden"
          >
            <EntryView entry={entry} task={task.id} />
          </li>
        ))}
      </ol>
      {state === "loading" && <p className="text-faint">Reading what happened …</p>}
      {state === "broken" && (
        <p role="status" className="mt-3 text-warn">
          The connection is lost; it is tried again, and nothing will be missing.
        </p>
      )}
    </div>
  )
}

const useStayAtEnd = (entries: readonly unknown[]): void => {
  const atEnd = useRef(true)
  useEffect(() => {
    const scroller = document.scrollingElement
    if (scroller === null) return
    const look = () => {
      atEnd.current = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < nearPx
    }
    const stop = new AbortController()
    window.addEventListener("scroll", look, { passive: true, signal: stop.signal })
    return () => stop.abort()
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows what is shown
  useLayoutEffect(() => {
    if (atEnd.current) document.scrollingElement?.scrollTo({ top: document.scrollingElement.scrollHeight })
  }, [entries])
}
