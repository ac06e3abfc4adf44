/** Rows as CSV (RFC 4180). Texts are other people's: one that a spreadsheet would take for a formula is quoted as text. */
export const csvOf = (rows: readonly (readonly (string | number | null)[])[]): string =>
  rows.map(cells => `${cells.map(cellOf).join(",")}\r\n`).join("")

const cellOf = (value: string | number | null): string => {
  const text = value === null ? "" : String(value)
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
