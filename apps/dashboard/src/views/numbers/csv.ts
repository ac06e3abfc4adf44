import type { Kpi } from "@twolane/protocol"

const columns = ["kpi", "lane", "unit", "at", "count", "never", "p50", "p90", "p99", "rate"] as const

/**
 * All numbers as CSV (RFC 4180): a line without a time for each KPI's whole window, then one for each step of its series. A cell that a
 * spreadsheet would take for a formula is quoted as text.
 */
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
  return `${[columns, ...lines].map(cells => cells.map(cell).join(",")).join("\r\n")}\r\n`
}

const cell = (value: string | number | null): string => {
  const text = value === null ? "" : String(value)
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
