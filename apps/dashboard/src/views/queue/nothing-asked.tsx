import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { sample } from "@twolane/protocol"
import { repoList } from "../../queries.ts"
import { useMay } from "../../session/session.ts"
import { Empty } from "../../ui/empty.tsx"

const linkLook = "text-accent underline"

/** The queue before the first task: what to do next. The sample has one task that works with no model at all. */
export const NothingAsked = () => {
  const { data: repos } = useQuery(repoList)
  const mayAsk = useMay("member")
  if (!mayAsk) return <Empty title="Nothing has been asked yet">What the team asks for is shown here.</Empty>
  if (repos?.items.length === 0)
    return (
      <Empty title="Nothing has been asked yet">
        First{" "}
        <Link to="/repos" className={linkLook}>
          register a repo
        </Link>
        , then ask for a change of it.
      </Empty>
    )
  return (
    <Empty title="Nothing has been asked yet">
      {repos?.items.some(({ name }) => name === sample.repo) && (
        <p className="mb-1">
          Try it on the sample:{" "}
          <Link to="/ask" search={{ ...sample, lane: "fast" }} className={linkLook}>
            {sample.prompt}
          </Link>
        </p>
      )}
      Give an agent its first task under{" "}
      <Link to="/ask" className={linkLook}>
        Ask
      </Link>
      , or in a terminal with{" "}
      <code className="whitespace-nowrap font-mono text-ink">npx twolane ask "…"</code>.
    </Empty>
  )
}
