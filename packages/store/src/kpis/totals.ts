import type { Context } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { readTeams } from "../team/teams.ts"
import type { Count } from "./counts.ts"
import { fieldOf } from "./field.ts"
import { type FleetMetric, fleetMetrics } from "./metrics.ts"
import type { Total, TotalSeries } from "./total.ts"

/** Where a team's cumulative metrics are kept. */
export const totalsKey = (team: string): string => `${teamFamily(team)}totals`

/** What a count adds to a team's cumulative hash: fields and amounts. A histogram's cells are its bounds; `s` is its sum. */
export const cellsOfCount = ({ metric, labels, value }: Count): [string, number][] => {
  const spec: FleetMetric = fleetMetrics[metric]
  const field = (cell: string) => fieldOf([metric, ...spec.labels.map(name => labels[name] ?? ""), cell])
  if (spec.type === "counter") return [[field("v"), value]]
  const bound = spec.bounds.find(most => value <= most)
  return [
    [field(bound === undefined ? "+Inf" : String(bound)), 1],
    [field("s"), value],
  ]
}

/** Everything that was ever counted, of all teams. */
export const readTotals = async (context: Context): Promise<Total[]> => {
  const teams = await readTeams(context)
  const hashes = await Promise.all(teams.map(team => withDeadline(context.client.hgetall(totalsKey(team)))))
  const cells = addUp(hashes)
  return Object.entries(fleetMetrics).map(([name, spec]: [string, FleetMetric]) => ({
    name,
    help: spec.help,
    type: spec.type,
    series: [...(cells.get(name) ?? [])]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([values, ofSeries]) => seriesOf(spec, values.split("\t"), ofSeries)),
  }))
}

/** Amounts by metric, then by label values, then by cell. */
type Cells = Map<string, Map<string, Map<string, number>>>

const addUp = (hashes: readonly Record<string, string>[]): Cells => {
  const cells: Cells = new Map()
  for (const [field, amount] of hashes.flatMap(Object.entries)) {
    const parts = field.split("\t")
    const [name = "", values, cell = ""] = [parts[0], parts.slice(1, -1).join("\t"), parts.at(-1)]
    const ofMetric = cells.get(name) ?? new Map<string, Map<string, number>>()
    const ofSeries = ofMetric.get(values) ?? new Map<string, number>()
    cells.set(name, ofMetric.set(values, ofSeries.set(cell, (ofSeries.get(cell) ?? 0) + Number(amount))))
  }
  return cells
}

/** None for what another version counted with other labels; bounds that it had otherwise go to the next one of ours. */
const seriesOf = (
  spec: FleetMetric,
  values: readonly string[],
  cells: ReadonlyMap<string, number>,
): TotalSeries[] => {
  if (values.length !== spec.labels.length) return []
  const labels = Object.fromEntries(spec.labels.map((name, index) => [name, values[index] ?? ""]))
  if (spec.type === "counter") return [{ labels, value: cells.get("v") ?? 0 }]
  const counted = [...cells].flatMap(([cell, amount]) =>
    cell === "s" ? [] : [{ bound: cell === "+Inf" ? Number.POSITIVE_INFINITY : Number(cell), amount }],
  )
  const upTo = (most: number) =>
    counted.reduce((sum, { bound, amount }) => (bound <= most ? sum + amount : sum), 0)
  const buckets = spec.bounds.map(bound => ({ bound, count: upTo(bound) }))
  return [{ labels, buckets, count: upTo(Number.POSITIVE_INFINITY), sum: cells.get("s") ?? 0 }]
}
