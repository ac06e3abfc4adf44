import { useConnection } from "../live/use-live.ts"
import { problemWords } from "../ui/problem.ts"
import { Elapsed } from "../ui/time.tsx"

const looks = {
  connecting: { words: "Connecting", dot: "bg-faint" },
  open: { words: "Live", dot: "bg-good" },
  broken: { words: "Reconnecting", dot: "bg-warn" },
  "signed-out": { words: "Signed out", dot: "bg-faint" },
  failed: { words: "Not live", dot: "bg-bad" },
} as const

/** Whether what is shown is live, at all times. */
export const ConnectionMark = () => {
  const { words, dot } = looks[useConnection().state]
  return (
    <span role="status" className="inline-flex items-center gap-1.5 text-muted text-sm">
      <span className={`size-2 rounded-full ${dot}`} aria-hidden="true" />
      {words}
    </span>
  )
}

/** Says that what is shown may be old, and what is being done about it. */
export const ConnectionBanner = () => {
  const connection = useConnection()
  if (connection.state === "broken")
    return (
      <Banner>
        The connection broke <Elapsed since={connection.since} /> ago and is being tried again. What you see
        may be old; nothing is lost.
      </Banner>
    )
  if (connection.state === "failed") {
    const { title, detail } = problemWords(connection.error)
    return (
      <Banner>
        {title}. {detail} Load the page again to go on live.
      </Banner>
    )
  }
  return null
}

const Banner = ({ children }: { children: React.ReactNode }) => (
  <div className="border-line border-b bg-warn-soft px-4 py-1.5 text-center text-sm text-warn">
    {children}
  </div>
)
