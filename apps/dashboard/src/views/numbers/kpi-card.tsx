import type { Kpi, Lane } from "@twolane/protocol"
import { useMemo, useState } from "react"
import { Button } from "../../ui/button.tsx"
import { LaneName } from "../../ui/lane.tsx"
import { countWords } from "../../ui/words.ts"
import { type KpiPair, rowsOf } from "./by-name.ts"
import { Chart } from "./chart.tsx"
import { valueWords, wordsOf } from "./kpi-words.ts"
import type { Window } from "./search.ts"

/** One KPI: both lanes side by side, their course over time, and the table behind the chart. */
export const KpiCard = ({ pair, window }: { pair: KpiPair; window: Window }) => {
  const [table, setTable] = useState(false)
  const { title, says } = wordsOf(pair.name)
  const rows = useMemo(() => rowsOf(pair), [pair])
  return (
    <section
      aria-label={title}
      className="flex min-w-0 flex-col rounded-lg border border-line bg-surface p-4"
    >
      <div className="flex items-baseline gap-3">
        <h2 className="min-w-0 flex-1 font-semibold text-lg">{title}</h2>
        <Button size="small" look="quiet" aria-pressed={table} onClick={() => setTable(!table)}>
          {table ? "Chart" : "Table"}
        </Button>
      </div>
      <p className="mb-3 text-muted text-sm">{says}</p>
      <div className="mb-2 grid grid-cols-2 gap-4">
        {(["fast", "deep"] as const).map(lane => (
          <LaneFigures key={lane} lane={lane} kpi={pair.lanes[lane]} />
        ))}
      </div>
      {table ? (
        <SeriesTable title={title} unit={pair.unit} rows={rows} />
      ) : (
        <Chart title={title} unit={pair.unit} rows={rows} window={window} />
      )}
    </section>
  )
}

const LaneFigures = ({ lane, kpi }: { lane: Lane; kpi: Kpi | undefined }) => (
  <div>
    <LaneName lane={lane} />
    <p className="mt-0.5 font-semibold text-xl tabular-nums">
      {valueWords(kpi === undefined ? null : (kpi.rate ?? kpi.p50), kpi?.unit ?? "count")}
    </p>
    {kpi !== undefined && kpi.count > 0 && (
      <p className="text-faint text-sm tabular-nums">
        {kpi.rate === null &&
          `p90 ${valueWords(kpi.p90, kpi.unit)} · p99 ${valueWords(kpi.p99, kpi.unit)} · `}
        {kpi.count.toLocaleString()} measured
        {kpi.never > 0 && `, ${countWords(kpi.never, "turn")} never`}
      </p>
    )}
  </div>
)

type TableProps = { title: string; unit: Kpi["unit"]; rows: ReturnType<typeof rowsOf> }

const SeriesTable = ({ title, unit, rows }: TableProps) => (
  <table aria-label={title} className="w-full text-sm tabular-nums">
    <thead className="text-left text-faint">
      <tr>
        <th className="font-normal">From</th>
        <th className="font-normal">Fast</th>
        <th className="font-normal">Deep</th>
        <th className="text-right font-normal">Measured</th>
      </tr>
    </thead>
    <tbody>
      {rows
        .filter(({ count }) => count > 0)
        .toReversed()
        .map(({ at, fast, deep, count }) => (
          <tr key={at} className="border-line border-t">
            <td className="py-0.5">
              {new Date(at).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" })}
            </td>
            <td>{valueWords(fast, unit)}</td>
            <td>{valueWords(deep, unit)}</td>
            <td className="text-right">{count.toLocaleString()}</td>
          </tr>
        ))}
    </tbody>
  </table>
)
