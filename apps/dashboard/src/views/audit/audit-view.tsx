import { useInfiniteQuery } from "@tanstack/react-query"
import { useNavigate, useSearch } from "@tanstack/react-router"
import { client } from "../../client.ts"
import { useCommands } from "../../keys/commands.ts"
import { useTitle } from "../../shell/use-title.ts"
import { Button } from "../../ui/button.tsx"
import { dayEnd, dayStart } from "../../ui/days.ts"
import { download } from "../../ui/download.ts"
import { Empty } from "../../ui/empty.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { useAct } from "../../ui/use-act.ts"
import { AuditCheckPanel } from "./audit-check.tsx"
import { AuditFilter } from "./audit-filter.tsx"
import { AuditRow } from "./audit-row.tsx"
import type { AuditSearch } from "./search.ts"

const pageSize = 50

/** Who did what in the team, newest first, and the proof that nothing of it was changed. */
export const AuditView = () => {
  useTitle("Audit")
  const search = useSearch({ from: "/shell/audit" })
  const navigate = useNavigate()
  const change = (next: AuditSearch) => void navigate({ to: "/audit", search: next, replace: true })
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useRecords(search)
  const records = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <div className="mx-auto max-w-5xl px-4 py-4 sm:px-6">
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <div className="mr-auto">
          <h1 className="font-semibold text-xl">Audit</h1>
          <p className="text-muted">Who did what, each record sealed together with all before it.</p>
        </div>
        <Export />
      </div>
      <AuditCheckPanel />
      <AuditFilter search={search} records={records} onChange={change} onReload={() => void refetch()} />
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && records.length === 0 && (
        <div className="rounded-lg border border-line bg-surface">
          <Empty title="Nothing was done that fits">Widen the days, or show all of it.</Empty>
        </div>
      )}
      {records.length > 0 && (
        <ol aria-label="Records" className="divide-y divide-line rounded-lg border border-line bg-surface">
          {records.map(record => (
            <AuditRow key={record.seq} record={record} onNarrow={more => change({ ...search, ...more })} />
          ))}
        </ol>
      )}
      {hasNextPage && (
        <div className="mt-3 text-center">
          <Button busy={isFetching} onClick={() => void fetchNextPage()}>
            Show older records
          </Button>
        </div>
      )}
    </div>
  )
}

const useRecords = (search: AuditSearch) =>
  useInfiniteQuery({
    queryKey: ["audit", search],
    queryFn: ({ pageParam, signal }) => {
      const { from = "", to = "", ...wanted } = search
      const since = dayStart(from)
      const until = dayEnd(to)
      return client.audit(
        {
          limit: pageSize,
          ...wanted,
          ...(since !== undefined && { since }),
          ...(until !== undefined && { until }),
          ...(pageParam !== null && { cursor: pageParam }),
        },
        { signal },
      )
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    // What was done a moment ago is what one comes here to see.
    staleTime: 0,
  })

const Export = () => {
  const { busy, act } = useAct()
  const save = () =>
    void act("Exporting the log", async () => {
      const lines = await new Response(await client.exportAudit()).blob()
      download("twolane-audit.jsonl", lines)
    })
  useCommands([
    { id: "audit-export", title: "Export the audit log", section: "Audit", keys: ["e"], run: save },
  ])
  return (
    <Button busy={busy} onClick={save} title="Every record that is kept, oldest first (e)">
      Export JSON lines
    </Button>
  )
}
