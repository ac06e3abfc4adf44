import type { Line, RowResult } from "./row.ts"

/** A row as it ended; `failure` says why there is no result. */
export type RowReport = {
  name: string
  mustHold: boolean
  tookMs: number
  result: RowResult | null
  failure: string | null
}

/** Whether a row that must hold misses its goal. */
export const misses = (row: RowReport): boolean =>
  row.mustHold && (row.result === null || row.result.lines.some(line => line.ok === false))

const heads = ["row", "floor", "ours", "ratio", "goal", "ok?"] as const

/** The table for people, with the profiles below it. */
export const renderTable = (rows: readonly RowReport[]): string => {
  const cells = [[...heads], ...rows.flatMap(cellsOf)]
  const widths = heads.map((_, column) => Math.max(...cells.map(line => (line[column] ?? "").length)))
  const lines = cells.map(line =>
    line
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join("  ")
      .trimEnd(),
  )
  const rule = widths.map(width => "-".repeat(width)).join("  ")
  const profiles = rows.flatMap(row =>
    (row.result?.profile ?? []).map(sentence => `${row.name}: ${sentence}`),
  )
  return [lines[0], rule, ...lines.slice(1), ...(profiles.length > 0 ? ["", ...profiles] : [])].join("\n")
}

const pad = (cell: string, width: number, column: number): string =>
  column >= 1 && column <= 3 ? cell.padStart(width) : cell.padEnd(width)

const cellsOf = (row: RowReport): string[][] => {
  const name = row.mustHold ? `${row.name} *` : row.name
  if (row.result === null) return [[name, "", "", "", row.failure ?? "", "no"]]
  return row.result.lines.map(line => [
    line.what === "" ? name : `${name}: ${line.what}`,
    line.floor === null ? "" : figure(line.floor, line.unit),
    figure(line.ours, line.unit),
    line.ratio === null ? "" : line.ratio.toFixed(2),
    line.goal,
    line.ok === null ? "" : line.ok ? "yes" : "no",
  ])
}

const figure = (value: number, unit: Line["unit"]): string => {
  const text =
    Math.abs(value) >= 100 || Number.isInteger(value) ? Math.round(value).toString() : value.toFixed(2)
  return unit === "/s" ? `${text}/s` : `${text} ${unit}`
}
