import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { useNavigate, useSearch } from "@tanstack/react-router"
import { useMemo } from "react"
import { client } from "../../client.ts"
import { useCommands } from "../../keys/commands.ts"
import { repoList } from "../../queries.ts"
import { useTitle } from "../../shell/use-title.ts"
import { Button } from "../../ui/button.tsx"
import { download } from "../../ui/download.ts"
import { Empty } from "../../ui/empty.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { isMeasured, type KpiPair, pairsOf } from "./by-name.ts"
import { toCsv } from "./csv.ts"
import { HindsightTable } from "./hindsight-table.tsx"
import { KpiCard } from "./kpi-card.tsx"
import { wordsOf } from "./kpi-words.ts"
import { type NumbersSearch, windows } from "./search.ts"
import { Spend } from "./spend.tsx"

const windowWords = {
  "1h": "Last hour",
  "24h": "Last day",
  "7d": "Last week",
  "30d": "Last 30 days",
} as const

/** Numbers of a window that is still open are asked for again now and then. */
const freshEveryMs = 30_000

/** Whether the two lanes pay: every KPI, lane by lane, with its course, a table and an export. */
export const NumbersView = () => {
  useTitle("Numbers")
  const search = useSearch({ from: "/shell/numbers" })
  const { window = "24h", repo, model } = search
  const { data, error, refetch } = useQuery({
    queryKey: ["kpis", window, repo, model],
    queryFn: ({ signal }) =>
      client.kpis(
        { window, ...(repo !== undefined && { repo }), ...(model !== undefined && { model }) },
        { signal },
      ),
    refetchInterval: freshEveryMs,
    placeholderData: keepPreviousData,
  })
  const pairs = useMemo(() => pairsOf(data?.items ?? []), [data])
  const measured = pairs.filter(isMeasured)
  const save = () =>
    data &&
    download(`twolane-${window}.csv`, new Blob([toCsv(data.items)], { type: "text/csv;charset=utf-8" }))
  useCommands([
    {
      id: "numbers-csv",
      title: "Save the numbers as CSV",
      section: "Numbers",
      keys: ["e"],
      run: () => save(),
    },
  ])
  return (
    <div className="mx-auto max-w-7xl px-4 py-4 sm:px-6">
      <div className="mb-4 flex flex-wrap items-end gap-3">
        <h1 className="mr-auto font-semibold text-xl">Numbers</h1>
        <Choices search={search} />
        <Button onClick={save} disabled={data === undefined} title="Save as CSV (e)">
          Save as CSV
        </Button>
      </div>
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
            {measured.map(pair => (
              <KpiCard key={pair.name} pair={pair} window={window} />
            ))}
          </div>
          <NotMeasured pairs={pairs.filter(pair => !isMeasured(pair))} all={measured.length === 0} />
        </>
      )}
      <Spend />
      <HindsightTable repo={repo} />
    </div>
  )
}

const NotMeasured = ({ pairs, all }: { pairs: readonly KpiPair[]; all: boolean }) => {
  if (all)
    return (
      <Empty title="Nothing was measured in this window">
        Each turn that ends is counted here. Choose a longer window, or ask for something.
      </Empty>
    )
  if (pairs.length === 0) return null
  return (
    <p className="mt-4 text-muted text-sm">
      Not measured in this window:{" "}
      {pairs.map(({ name }, index) => (
        <span key={name} title={wordsOf(name).says}>
          {index > 0 && ", "}
          {wordsOf(name).title}
        </span>
      ))}
      .
    </p>
  )
}

const field = "h-8 rounded-md border border-line-strong bg-surface px-2"

const Choices = ({ search }: { search: NumbersSearch }) => {
  const navigate = useNavigate()
  const { data: repos } = useQuery(repoList)
  const choose = (more: NumbersSearch) =>
    void navigate({ to: "/numbers", search: { ...search, ...more }, replace: true })
  return (
    <>
      <fieldset aria-label="Window" className="flex flex-wrap gap-1">
        {windows.map(name => (
          <Button
            key={name}
            look={name === (search.window ?? "24h") ? "plain" : "quiet"}
            aria-pressed={name === (search.window ?? "24h")}
            onClick={() => choose({ window: name })}
          >
            {windowWords[name]}
          </Button>
        ))}
      </fieldset>
      <select
        aria-label="Repo"
        value={search.repo ?? ""}
        onChange={event => choose({ repo: event.target.value === "" ? undefined : event.target.value })}
        className={field}
      >
        <option value="">Every repo</option>
        {repos?.items.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <input
        aria-label="Model"
        placeholder="Every model"
        defaultValue={search.model ?? ""}
        onBlur={event =>
          choose({ model: event.target.value.trim() === "" ? undefined : event.target.value.trim() })
        }
        onKeyDown={event => event.key === "Enter" && event.currentTarget.blur()}
        className={`${field} w-44`}
      />
    </>
  )
}
