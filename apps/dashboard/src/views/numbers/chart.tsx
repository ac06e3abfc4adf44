import type { Kpi } from "@twolane/protocol"
import { useEffect, useRef } from "react"
import uPlot from "uplot"
import "uplot/dist/uPlot.min.css"
import "./chart.css"
import { valueWords } from "./kpi-words.ts"
import { type Window, windowMs } from "./search.ts"

type Row = { at: number; fast: number | null; deep: number | null }
type ChartProps = { title: string; unit: Kpi["unit"]; rows: readonly Row[]; window: Window }

const heightPx = 132

/** Both lanes over time. Under the pointer its values are told; the table behind it tells them to everybody. */
export const Chart = ({ title, unit, rows, window }: ChartProps) => {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const plot = new uPlot(optionsOf(element, unit, window), dataOf(rows), element)
    const sizes = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: heightPx }))
    sizes.observe(element)
    return () => {
      sizes.disconnect()
      plot.destroy()
    }
  }, [unit, rows, window])
  return (
    <div
      ref={place}
      role="img"
      aria-label={`${title} over time, both lanes; its table has the values`}
      className="kpi-chart"
    />
  )
}

const dataOf = (rows: readonly Row[]): uPlot.AlignedData => [
  rows.map(({ at }) => at / 1_000),
  rows.map(({ fast }) => fast),
  rows.map(({ deep }) => deep),
]

const optionsOf = (element: HTMLElement, unit: Kpi["unit"], window: Window): uPlot.Options => {
  const colour = (name: string) => () => getComputedStyle(element).getPropertyValue(`--${name}`)
  const axis = {
    stroke: colour("faint"),
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
    font: "11px sans-serif",
  }
  const line = (label: string, name: string, dash: number[]): uPlot.Series => ({
    label,
    stroke: colour(name),
    width: 2,
    dash,
    spanGaps: true,
    points: { size: 5, show: true },
    value: (_plot, value: number | null) => valueWords(value, unit),
  })
  return {
    width: element.clientWidth,
    height: heightPx,
    legend: { live: true },
    cursor: { y: false, drag: { setScale: false } },
    scales: {
      x: { range: () => spanOf(window) },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      {
        ...axis,
        space: 72,
        size: 26,
        values: (_plot, times) => times.map(at => timeWords[window].format(at * 1_000)),
      },
      {
        ...axis,
        size: 64,
        ...(unit === "ms" && { incrs: timeSteps }),
        values: (_plot, values) => values.map(value => tickWords(value, unit)),
      },
    ],
    series: [
      { value: (_plot, at: number | null) => (at === null ? "" : new Date(at * 1_000).toLocaleString()) },
      line("Fast", "fast", []),
      line("Deep", "deep", [6, 4]),
    ],
  }
}

/** Steps of time that a person counts in, in ms. */
const timeSteps = [1, 1_000, 60_000, 3_600_000].flatMap(unit =>
  (unit === 1 ? [1, 2, 5, 10, 20, 50, 100, 200, 500] : [1, 2, 5, 10, 15, 30]).map(step => step * unit),
)

const tickWords = (value: number, unit: Kpi["unit"]): string =>
  value === 0 ? "0" : valueWords(value, unit).replace(/(?: 0 (?:s|min)$)|(?:\.0(?= s$))/, "")

/** The whole window, in the seconds of the chart: a morning without turns is seen to be one. */
const spanOf = (window: Window): [from: number, to: number] => {
  const now = Date.now()
  return [(now - windowMs[window]) / 1_000, now / 1_000]
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" })
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" })
const timeWords: Record<Window, Intl.DateTimeFormat> = { "1h": clock, "24h": clock, "7d": day, "30d": day }
