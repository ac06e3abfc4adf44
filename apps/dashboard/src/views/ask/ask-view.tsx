import { useQuery } from "@tanstack/react-query"
import { repoList } from "../../queries.ts"
import { useMay } from "../../session/session.ts"
import { useTitle } from "../../shell/use-title.ts"
import { Empty } from "../../ui/empty.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { AskForm } from "./ask-form.tsx"

/** Starts a task in either lane. */
export const AskView = () => {
  useTitle("Ask")
  const mayAsk = useMay("member")
  const { data, error, refetch } = useQuery(repoList)
  return (
    <div className="mx-auto max-w-3xl px-4 py-6 max-sm:px-3">
      <h1 className="mb-4 font-semibold text-xl">Ask for a change</h1>
      {!mayAsk && (
        <Empty title="Your key may look on, and not ask">
          An admin can give you a key with the role “member”.
        </Empty>
      )}
      {mayAsk && error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {mayAsk && data?.items.length === 0 && (
        <Empty title="No repo is registered yet">
          Register one first:{" "}
          <code className="font-mono text-ink">npx twolane repos add &lt;name&gt; &lt;source&gt;</code>
        </Empty>
      )}
      {mayAsk && data !== undefined && data.items.length > 0 && (
        <AskForm repos={data.items.map(repo => repo.name)} />
      )}
    </div>
  )
}
