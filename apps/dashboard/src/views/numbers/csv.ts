import { csvOf, type Kpi } from "@twolane/protocol"

const columns = ["kpi", "lane", "unit", "at", "count", "never", "p50", "p90", "p99", "rate"] as const

/** All numbers as CSV: a line without a time for each KPI's whole window, then one for each step of its series. */
export const toCsv = (kpis: readonly Kpi[]): string => {
  const lines = kpis.flatMap(({ name, lane, unit, series, count, never, p50, p90, p99, rate }) => [
    [name, lane, unit, "", count, never, p50, p90, p99, rate],
    ...series
      .filter(step => step.count > 0)
      .map(step => [
        name,
        lane,
        unit,
        new Date(step.at).toISOString(),
        step.count,
        "",
        step.p50,
        "",
        "",
        step.rate,
      ]),
  ])
  return csvOf([columns, ...lines])
}
