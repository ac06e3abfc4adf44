/** What a row is given: how thorough to be, and when to stop. */
export type RowRun = {
  /** As many repetitions as the goals name (a thousand cancels), instead of a sample of them. */
  full: boolean
  signal: AbortSignal
}

/** One judged comparison of a row. `ok` is null where the figure is only reported. */
export type Line = {
  /** What was varied, such as `27,000 files`; empty when the row has one line. */
  what: string
  floor: number | null
  ours: number
  unit: "ms" | "ns" | "s" | "/s" | "B" | "MB" | "KiB" | "failures" | "survivors" | "tokens"
  /** Ours by floor; what the goal judges. */
  ratio: number | null
  goal: string
  ok: boolean | null
}

/** What a row found; `profile` are sentences on where the time goes. */
export type RowResult = { lines: Line[]; profile: string[] }

/** Measures one row. */
export type MeasureRow = (run: RowRun) => Promise<RowResult>

/** A limit for a ratio: at most (a cost) or at least (a rate). */
export type Limit = { atMost: number } | { atLeast: number }

/** Compares two figures, and judges their ratio by the limit. */
export const compare = (
  what: string,
  unit: Line["unit"],
  { floor, ours }: { floor: number; ours: number },
  limit: Limit,
): Line => {
  const ratio = ours / floor
  return {
    what,
    floor,
    ours,
    unit,
    ratio,
    goal: "atMost" in limit ? `≤ ${limit.atMost} ×` : `≥ ${limit.atLeast} ×`,
    ok: "atMost" in limit ? ratio <= limit.atMost : ratio >= limit.atLeast,
  }
}

/** Judges a time by itself, where nothing does the same to compare it with. */
export const absolute = (what: string, ours: number, goalMs: number): Line => ({
  what,
  floor: null,
  ours,
  unit: "ms",
  ratio: null,
  goal: `≤ ${goalMs} ms`,
  ok: ours <= goalMs,
})
