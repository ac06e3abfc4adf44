import { useQuery } from "@tanstack/react-query"
import type { BudgetView, SpendBy, SpendRow } from "@twolane/protocol"
import { type ReactNode, useState } from "react"
import { client } from "../../client.ts"
import { useCommands } from "../../keys/commands.ts"
import { teamBudget } from "../../queries.ts"
import { useMe } from "../../session/session.ts"
import { BudgetLine } from "../../ui/budget-line.tsx"
import { Button } from "../../ui/button.tsx"
import { download } from "../../ui/download.ts"
import { LaneName } from "../../ui/lane.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { useAct } from "../../ui/use-act.ts"
import { visibleName } from "../../ui/visible.ts"
import { BudgetForm } from "./budget-form.tsx"
import { valueWords } from "./kpi-words.ts"

const freshEveryMs = 30_000

const parts = [
  ["repo", "Repo"],
  ["person", "Person"],
  ["model", "Model"],
  ["lane", "Lane"],
] as const satisfies readonly (readonly [SpendBy, string])[]
type Part = (typeof parts)[number][0]

/** What the team's turns of a month have used, told apart by one thing, and how far its budget is. */
export const Spend = () => {
  const { operates } = useMe()
  const [by, setBy] = useState<Part>("repo")
  const [month, setMonth] = useState("")
  const [editing, setEditing] = useState(false)
  const { act } = useAct()
  const budget = useQuery(teamBudget)
  const query = { by: [by], ...(month !== "" && { month }) }
  const spend = useQuery({
    queryKey: ["spend", by, month],
    queryFn: ({ signal }) => client.spend(query, { signal }),
    refetchInterval: freshEveryMs,
  })
  const save = () =>
    void act("Saving what was spent", async () => {
      const all = { ...(month !== "" && { month }) }
      const csv = await client.spendCsv(all)
      const name = `twolane-spend-${spend.data?.month ?? month}.csv`
      download(name, new Blob([csv], { type: "text/csv;charset=utf-8" }))
    })
  useCommands([
    { id: "spend-csv", title: "Save what was spent as CSV", section: "Numbers", run: save },
    ...(operates
      ? [{ id: "budget", title: "Set the budget", section: "Numbers", run: () => setEditing(true) }]
      : []),
  ])
  return (
    <section aria-labelledby="spend" className="mt-6 rounded-lg border border-line bg-surface p-4">
      <div className="flex flex-wrap items-center gap-3">
        <h2 id="spend" className="mr-auto font-semibold text-lg">
          What it cost
        </h2>
        <input
          type="month"
          aria-label="Month"
          value={month === "" ? (spend.data?.month ?? "") : month}
          onChange={event => setMonth(event.target.value)}
          className="h-8 rounded-md border border-line-strong bg-surface px-2"
        />
        <select
          aria-label="Told apart by"
          value={by}
          onChange={event => setBy(parts.find(([name]) => name === event.target.value)?.[0] ?? "repo")}
          className="h-8 rounded-md border border-line-strong bg-surface px-2"
        >
          {parts.map(([name, words]) => (
            <option key={name} value={name}>
              By {words.toLowerCase()}
            </option>
          ))}
        </select>
        <Button onClick={save}>Save the spend as CSV</Button>
        {operates && <Button onClick={() => setEditing(true)}>Set the budget</Button>}
      </div>
      {budget.data !== undefined && <Used view={budget.data} />}
      {spend.error !== null && <ProblemNote error={spend.error} onRetry={() => void spend.refetch()} />}
      {spend.data !== undefined && (
        <SpendTable by={by} rows={spend.data.items} total={spend.data.total} month={spend.data.month} />
      )}
      {editing && budget.data !== undefined && (
        <BudgetForm view={budget.data} onClose={() => setEditing(false)} />
      )}
    </section>
  )
}

const Used = ({ view }: { view: BudgetView }) =>
  view.state === "none" ? (
    <p className="mt-1 text-muted text-sm">The team has no budget.</p>
  ) : (
    <BudgetLine view={view} />
  )

type TableProps = { by: Part; rows: readonly SpendRow[]; total: SpendRow; month: string }

const SpendTable = ({ by, rows, total, month }: TableProps) => {
  if (rows.length === 0)
    return <p className="mt-3 text-muted">No turn that used a model has ended in {month}.</p>
  return (
    <div className="mt-3 overflow-x-auto">
      <table aria-label={`What was spent in ${month}`} className="w-full text-sm tabular-nums">
        <thead className="text-left text-faint">
          <tr>
            <th className="font-normal">{parts.find(([name]) => name === by)?.[1]}</th>
            <th className="text-right font-normal">Cost</th>
            <th className="text-right font-normal">Tokens in</th>
            <th className="text-right font-normal">Tokens out</th>
            <th className="text-right font-normal">Turns</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <Line key={keyOf(row)} row={row}>
              <Name row={row} />
            </Line>
          ))}
          <Line row={total}>
            <span className="font-medium">All</span>
          </Line>
        </tbody>
      </table>
    </div>
  )
}

const Line = ({ row, children }: { row: SpendRow; children: ReactNode }) => (
  <tr className="border-line border-t">
    <th scope="row" className="max-w-64 truncate py-0.5 pr-3 text-left font-normal">
      {children}
    </th>
    <td className="text-right">{row.costUsd === null ? "no price" : valueWords(row.costUsd, "usd")}</td>
    <td className="pl-3 text-right">{row.inputTokens.toLocaleString()}</td>
    <td className="pl-3 text-right">{row.outputTokens.toLocaleString()}</td>
    <td className="pl-3 text-right">{row.turns.toLocaleString()}</td>
  </tr>
)

const Name = ({ row: { repo, person, model, lane } }: { row: SpendRow }) =>
  lane === null ? visibleName(repo ?? person?.name ?? model ?? "") : <LaneName lane={lane} />

const keyOf = ({ repo, person, model, lane }: SpendRow): string => repo ?? person?.key ?? model ?? lane ?? ""
