import type { KpiQuery } from "@twolane/client"
import { duration } from "@twolane/common/words"
import type { Kpi } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** `twolane kpis`. */
export const kpisCommand = async ({ client, output, signal }: Context, query: KpiQuery): Promise<number> => {
  const kpis = await client.kpis(query, { signal })
  output.value(kpis)
  output.line(`The last ${kpis.window}:`)
  const measured = kpis.items.filter(kpi => kpi.count + kpi.never > 0)
  if (measured.length === 0) output.line("  nothing was measured")
  for (const kpi of measured) output.line(`  ${kpi.lane.padEnd(5)} ${kpi.name.padEnd(20)} ${kpiWords(kpi)}`)
  return exitCodes.succeeded
}

/** A KPI's figures: `12 turns, p50 3.1 s, p90 …`, `rate 0.25`. */
export const kpiWords = (kpi: Kpi): string => {
  const value = (figure: number) =>
    kpi.unit === "ms" ? duration(figure) : `${Math.round(figure * 10_000) / 10_000}`
  const figures = [
    ["p50", kpi.p50],
    ["p90", kpi.p90],
    ["p99", kpi.p99],
    ["rate", kpi.rate],
  ] as const
  const shown = figures.flatMap(([name, figure]) => (figure === null ? [] : [`${name} ${value(figure)}`]))
  const never = kpi.never === 0 ? [] : [`${kpi.never} never`]
  return [`${kpi.count} measured`, ...never, ...shown].join(", ")
}
