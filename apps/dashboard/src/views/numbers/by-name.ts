import type { Kpi, Lane } from "@twolane/protocol"
import { kpiWords } from "./kpi-words.ts"

/** One KPI of both lanes; a lane that was not asked for is absent. */
export type KpiPair = { name: string; unit: Kpi["unit"]; lanes: Partial<Record<Lane, Kpi>> }

/** The KPIs side by side, in the order that they are read in; those without a word of their own come last. */
export const pairsOf = (kpis: readonly Kpi[]): KpiPair[] => {
  const order = Object.keys(kpiWords)
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  return [...Map.groupBy(kpis, ({ name }) => name)]
    .map(([name, of]) => ({
      name,
      unit: of[0]?.unit ?? "count",
      lanes: Object.fromEntries(of.map(kpi => [kpi.lane, kpi])),
    }))
    .sort((a, b) => place(a.name) - place(b.name) || a.name.localeCompare(b.name))
}

/** Whether anything of it was measured in the window. */
export const isMeasured = ({ lanes }: KpiPair): boolean =>
  [lanes.fast, lanes.deep].some(kpi => kpi?.series.some(({ p50, rate }) => (rate ?? p50) !== null))

/** A step of time in both lanes; null where nothing was measured. */
export type KpiRow = { at: number; fast: number | null; deep: number | null; count: number }

/** The steps of both lanes beside each other, oldest first. A lane's series leaves out what has nothing. */
export const rowsOf = ({ lanes }: KpiPair): KpiRow[] => {
  const steps = (lane: Lane) => new Map(lanes[lane]?.series.map(step => [step.at, step]))
  const [fast, deep] = [steps("fast"), steps("deep")]
  const times = [...new Set([...fast.keys(), ...deep.keys()])].sort((a, b) => a - b)
  const value = (step: Kpi["series"][number] | undefined) =>
    step === undefined ? null : (step.rate ?? step.p50)
  return times.map(at => {
    const [quick, slow] = [fast.get(at), deep.get(at)]
    return { at, fast: value(quick), deep: value(slow), count: (quick?.count ?? 0) + (slow?.count ?? 0) }
  })
}
