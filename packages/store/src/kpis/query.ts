import { type Kpi, Lane } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { addTo, countOf, type Histogram, quantileOf } from "./histogram.ts"
import { type KpiKind, kindOf, kpiNames } from "./names.ts"
import { type KpiWindow, windows } from "./windows.ts"

/** Which turns are asked about. */
export type KpiQuery = { window: KpiWindow; lane?: Lane; repo?: string; model?: string }

type Tally = { values: Histogram; never: number; cases: number; hits: number }
type Step = { at: number; tallies: Map<string, Tally> }

/** Every KPI of a team over a window, for each lane asked about, with a series of its steps. */
export const readKpis = async (context: Context, team: string, query: KpiQuery): Promise<Kpi[]> => {
  const { name, stepMs, steps } = windows[query.window]
  const newest = Math.floor(context.now() / stepMs)
  const numbers = Array.from({ length: steps }, (_, index) => newest - steps + 1 + index)
  const read = await Promise.all(
    numbers.map(async (number): Promise<Step> => {
      const key = `${teamFamily(team)}kpi:${name}:${number}`
      const fields = await withDeadline(context.client.hgetall(key))
      return { at: number * stepMs, tallies: tallyFields(fields, query) }
    }),
  )
  const lanes = query.lane === undefined ? Lane.options : [query.lane]
  return lanes.flatMap(lane => namesIn(read, lane).flatMap(kpi => viewKpi(kpi, lane, read)))
}

const tallyFields = (fields: Record<string, string>, query: KpiQuery): Map<string, Tally> => {
  const tallies = new Map<string, Tally>()
  for (const [field, amount] of Object.entries(fields)) {
    const [name = "", lane = "", repo, model, cell = ""] = field.split("\t")
    if (query.lane !== undefined && lane !== query.lane) continue
    if (query.repo !== undefined && repo !== query.repo) continue
    if (query.model !== undefined && model !== query.model) continue
    const tally = tallies.get(`${lane} ${name}`) ?? emptyTally()
    addCell(tally, cell, Number(amount))
    tallies.set(`${lane} ${name}`, tally)
  }
  return tallies
}

const emptyTally = (): Tally => ({ values: new Map(), never: 0, cases: 0, hits: 0 })

const addCell = (tally: Tally, cell: string, amount: number): void => {
  if (cell === "n") tally.never += amount
  else if (cell === "c") tally.cases += amount
  else if (cell === "h") tally.hits += amount
  else addTo(tally.values, cell.slice(1), amount)
}

/** All the fixed ones, and one for each rule that tripped. */
const namesIn = (steps: readonly Step[], lane: Lane): string[] => {
  const rules = steps
    .flatMap(({ tallies }) => [...tallies.keys()])
    .filter(key => key.startsWith(`${lane} guardrail_trips.`))
    .map(key => key.slice(lane.length + 1))
  return [...Object.keys(kpiNames), ...[...new Set(rules)].toSorted()]
}

const viewKpi = (name: string, lane: Lane, steps: readonly Step[]): Kpi[] => {
  const kind = kindOf(name)
  if (kind === null) return []
  const whole = emptyTally()
  const series = steps.flatMap(({ at, tallies }) => {
    const tally = tallies.get(`${lane} ${name}`)
    if (tally === undefined) return []
    addCell(whole, "n", tally.never)
    addCell(whole, "c", tally.cases)
    addCell(whole, "h", tally.hits)
    for (const [bucket, count] of tally.values) addTo(whole.values, bucket, count)
    const { count, p50, rate } = numbersOf(kind, tally)
    return [{ at, count, p50, rate }]
  })
  return [{ name, lane, unit: kind.unit, never: whole.never, ...numbersOf(kind, whole), series }]
}

const numbersOf = ({ kind, unit }: KpiKind, tally: Tally) => {
  if (kind === "rate") {
    const rate = tally.cases === 0 ? null : tally.hits / tally.cases
    return { count: tally.cases, p50: null, p90: null, p99: null, rate }
  }
  const quantile = (share: number): number | null => {
    const value = quantileOf(tally.values, share)
    return value === null || unit === "usd" ? value : Math.round(value)
  }
  return {
    count: countOf(tally.values),
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
    rate: null,
  }
}
