import { readFileSync, writeFileSync } from "node:fs"
import { median } from "./measure.ts"
import type { RowReport } from "./report.ts"
import type { Line } from "./row.ts"

/** The ratios of lines as they were last kept, by row and line. */
export type KnownRatios = Readonly<Record<string, number>>

/** A line whose ratio is worse than the one that was kept, by more than there is room for. */
export type Regression = { line: string; known: number; now: number }

/** Two cores that others work on swing by half from one run to the next; what was made twice as dear is seen through that. */
const room = 2
const file = new URL("known-ratios.json", import.meta.url)

/** What `keepRatios` wrote. */
export const readKnownRatios = (): KnownRatios => JSON.parse(readFileSync(file, "utf8")) as KnownRatios

/** Keeps the medians of some runs of rows; those of other rows stay. */
export const keepRatios = (runs: readonly RowReport[]): void => {
  const found = new Map<string, number[]>()
  for (const [key, { ratio }] of runs.flatMap(ratiosOf)) found.set(key, [...(found.get(key) ?? []), ratio])
  const medians = [...found].map(([key, ratios]) => [key, Number(median(ratios).toPrecision(3))] as const)
  const kept = Object.entries({ ...readKnownRatios(), ...Object.fromEntries(medians) })
  kept.sort(([one], [other]) => (one < other ? -1 : 1))
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`)
}

/** What of a row is worse than it was, by more than there is room for. A row that failed has every line of it. */
export const regressionsOf = (row: RowReport, known: KnownRatios): Regression[] => {
  if (row.result === null)
    return Object.entries(known).flatMap(([line, ratio]) =>
      line.startsWith(`${row.name}:`) ? [{ line, known: ratio, now: Number.NaN }] : [],
    )
  return ratiosOf(row).flatMap(([line, { ratio, unit }]) => {
    const before = known[line]
    if (before === undefined)
      throw new Error(`nothing is known of "${line}": npm run bench -- --keep ${row.name}`)
    const worse = unit === "/s" ? before / ratio : ratio / before
    return worse > room ? [{ line, known: before, now: ratio }] : []
  })
}

/** A rate is better when it is higher; everything else when it is lower. */
const ratiosOf = ({ name, result }: RowReport): [string, { ratio: number; unit: Line["unit"] }][] =>
  (result?.lines ?? []).flatMap(({ what, ratio, unit }) =>
    ratio === null ? [] : [[`${name}: ${what}`, { ratio, unit }]],
  )
