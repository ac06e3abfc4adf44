import { csvOf, type SpendBy, type SpendRow } from "@twolane/protocol"

const figures = ["turns", "inputTokens", "cachedTokens", "outputTokens", "costUsd"] as const

/** Spend as a table for a spreadsheet. */
export const spendCsv = (month: string, by: readonly SpendBy[], rows: readonly SpendRow[]): string =>
  csvOf([
    ["month", ...by, ...figures],
    ...rows.map(row => [month, ...by.map(name => told(row, name)), ...figures.map(name => row[name])]),
  ])

const told = (row: SpendRow, name: SpendBy): string =>
  name === "person" ? (row.person?.name ?? "") : (row[name] ?? "")
