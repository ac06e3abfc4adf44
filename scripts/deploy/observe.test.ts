import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { parser } from "@prometheus-io/lezer-promql"
import { createMetrics } from "@twolane/common"
import { archiveMetrics, fleetMetrics } from "@twolane/store"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { z } from "zod"
import { dashboardOf } from "../dashboards/dashboard.ts"
import { sections } from "../dashboards/panels.ts"

const root = resolve(import.meta.dirname, "../..")
const read = (path: string): string => readFileSync(resolve(root, path), "utf8")

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.looseObject({
          expr: z.string(),
          record: z.string().optional(),
          alert: z.string().optional(),
          annotations: z.object({ summary: z.string(), runbook: z.string() }).optional(),
        }),
      ),
    }),
  ),
})
const rulesIn = (path: string) => Rules.parse(parse(read(path))).groups.flatMap(({ rules }) => rules)
const slos = rulesIn("infra/prometheus/slos.yml")
const alerts = rulesIn("infra/prometheus/alerts.yml")
const queries = sections.flatMap(({ panels }) =>
  panels.flatMap(panel => panel.queries.map(({ expr }) => expr)),
)
// Grafana fills its variable in before Prometheus sees it.
const expressions = [...slos, ...alerts]
  .map(({ expr }) => expr)
  .concat(queries.map(expr => expr.replaceAll("$__rate_interval", "5m")))

/** The metrics that an expression names. @throws Error where it is no PromQL */
const metricsIn = (expr: string): string[] => {
  const names: string[] = []
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) throw new Error(`no PromQL at ${from}: ${expr}`)
      const text = expr.slice(from, to)
      if (type.name === "Identifier" && text.startsWith("twolane")) names.push(text)
    },
  })
  return names
}

test("every expression is PromQL, and names metrics that there are", async () => {
  const own = await createMetrics().registry.getMetricsAsJSON()
  const bases = [...Object.keys(fleetMetrics), ...Object.keys(archiveMetrics), ...own.map(({ name }) => name)]
  const known = new Set([
    ...bases.flatMap(name => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]),
    ...slos.map(({ record }) => record),
  ])
  const named = expressions.flatMap(metricsIn)
  expect(named.length).toBeGreaterThan(50)
  expect(named.filter(name => !known.has(name))).toEqual([])
})

test("a broken expression would be found", () => {
  expect(() => metricsIn("sum(rate(twolane_turns_total[5m])")).toThrow("no PromQL")
})

test("the dashboard in the repository is the one that is described", () => {
  const written: unknown = JSON.parse(read("infra/grafana/dashboards/twolane.json"))
  expect(written, "npm run dashboards writes it anew").toEqual(dashboardOf(sections))
})

test("every objective is watched by burn rates over a short and a long time, for fast and for slow fires", () => {
  const objectives = new Set(slos.map(({ record = "" }) => record.replace(/_\d+[mh]$/, "")))
  expect([...objectives]).toEqual([
    "twolane:http:missed",
    "twolane:first_token:missed",
    "twolane:cancel:missed",
  ])
  for (const objective of objectives) {
    const [burn, ...more] = alerts.filter(({ expr }) => expr.includes(objective))
    expect(more).toEqual([])
    const [fast, slow] = [
      new RegExp(`${objective}_5m > ([\\d.]+) and ${objective}_1h > \\1\\)`).exec(burn?.expr ?? "")?.[1],
      new RegExp(`${objective}_30m > ([\\d.]+) and ${objective}_6h > \\1\\)`).exec(burn?.expr ?? "")?.[1],
    ]
    // 14.4 and 6 times what the objective allows: 2 % and 5 % of a month's budget within the longer time.
    expect(Number(fast) / Number(slow)).toBeCloseTo(14.4 / 6, 5)
  }
})

describe("every alert says what to do", () => {
  const runbook = read("docs/runbook.md")
  test.each(alerts.map(({ alert = "", annotations }) => ({ alert, annotations })))(
    "$alert",
    ({ alert, annotations }) => {
      expect(runbook).toContain(`\n## ${alert}\n`)
      expect(annotations?.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`)
    },
  )
})
