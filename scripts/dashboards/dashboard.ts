import type { Panel, Section } from "./panels.ts"

const datasource = { type: "prometheus", uid: "twolane" }
const columns = 24
const heights = { stat: 4, timeseries: 7 }

/** The Grafana dashboard of some sections, laid out from left to right. */
export const dashboardOf = (sections: readonly Section[]): unknown => {
  const panels: unknown[] = []
  let y = 0
  for (const { title, panels: ofSection } of sections) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: columns, h: 1 },
    })
    y += 1
    let x = 0
    let tallest = 0
    for (const panel of ofSection) {
      if (x + panel.width > columns) {
        y += tallest
        x = 0
        tallest = 0
      }
      const h = heights[panel.kind]
      panels.push({ id: panels.length + 1, gridPos: { x, y, w: panel.width, h }, ...panelOf(panel) })
      x += panel.width
      tallest = Math.max(tallest, h)
    }
    y += tallest
  }
  return {
    uid: "twolane",
    title: "Twolane",
    tags: ["twolane"],
    schemaVersion: 41,
    editable: false,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    timezone: "browser",
    panels,
  }
}

const panelOf = ({ title, kind, unit, queries }: Panel) => ({
  title,
  type: kind,
  datasource,
  fieldConfig: {
    defaults: {
      unit,
      min: 0,
      ...(kind === "timeseries" ? { custom: { fillOpacity: 8, showPoints: "never" } } : {}),
    },
    overrides: [],
  },
  options:
    kind === "stat"
      ? {
          colorMode: "none",
          graphMode: "area",
          reduceOptions: { calcs: ["lastNotNull"] },
          textMode: "value_and_name",
        }
      : { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
  targets: queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode(65 + index),
    datasource,
    expr,
    legendFormat: legend,
  })),
})
