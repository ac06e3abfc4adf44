/** The name of one counter within a hash: a metric or KPI, its labels in a fixed order, and which of its cells. */
export const fieldOf = (parts: readonly string[]): string =>
  parts.map(part => part.replaceAll("\t", " ")).join("\t")
