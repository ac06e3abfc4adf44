import type { Lane, TaskEvent } from "@twolane/protocol"
import type { Sample } from "./derive.ts"
import { type FleetMetric, type FleetMetricName, fleetMetrics, type MetricLabel } from "./metrics.ts"

/** What a fact adds to one cumulative metric: an amount of a counter, one value of a histogram. */
export type Count = { metric: FleetMetricName; labels: Partial<Record<MetricLabel, string>>; value: number }

type Labels<Name extends FleetMetricName> = Record<(typeof fleetMetrics)[Name]["labels"][number], string>

/** Adds to one metric; TypeScript sees to it that its labels are all there. */
export const count = <Name extends FleetMetricName>(
  metric: Name,
  labels: Labels<Name>,
  value = 1,
): Count => ({ metric, labels, value })

/** What KPI samples add to the metrics that count the same thing. */
export const countsOfSamples = (samples: readonly Sample[], known: Count["labels"]): Count[] =>
  samples.flatMap(sample =>
    metricsOf(sample.name).flatMap(([metric, { labels: names, ...kind }]) => {
      const value = "hits" in sample ? sample.hits : sample.value
      if (value === null || (kind.type === "counter" && value === 0)) return []
      const labels = Object.fromEntries(names.map(name => [name, known[name] ?? ""]))
      return [{ metric, labels, value: kind.type === "histogram" ? value / kind.perUnit : value }]
    }),
  )

const byKpi = Map.groupBy(
  Object.entries(fleetMetrics) as [FleetMetricName, FleetMetric][],
  ([, { of }]): string | undefined => of,
)
const metricsOf = (kpi: string): [FleetMetricName, FleetMetric][] => byKpi.get(kpi) ?? []

/** What one event of a turn that has ended adds. */
export const countsOfEvent = (event: TaskEvent, lane: Lane): Count[] => {
  switch (event.type) {
    case "turn.ended":
      return [count("twolane_turns_total", { lane, outcome: event.outcome.status })]
    case "attempt.lost":
      return [count("twolane_attempts_lost_total", { lane })]
    case "tests.ended":
      return [
        count("twolane_test_runs_total", { lane, status: event.superseded ? "superseded" : event.status }),
      ]
    case "guardrail.tripped":
      return [count("twolane_guardrail_trips_total", { lane, rule: event.rule })]
    case "steer.accepted":
    case "steer.applied":
    case "steer.rejected":
      return [count("twolane_steers_total", { lane, status: event.type.slice("steer.".length) })]
    case "usage.reported":
      return countsOfUsage(event, lane)
    default:
      return []
  }
}

const countsOfUsage = (
  { model, inputTokens, cachedTokens, outputTokens, costUsd }: Extract<TaskEvent, { type: "usage.reported" }>,
  lane: Lane,
): Count[] => {
  const tokens = (kind: string, amount: number) =>
    amount > 0 ? [count("twolane_tokens_total", { lane, model, kind }, amount)] : []
  return [
    ...tokens("input", inputTokens - cachedTokens),
    ...tokens("cached", cachedTokens),
    ...tokens("output", outputTokens),
    ...(costUsd === null ? [] : [count("twolane_cost_usd_total", { lane, model }, costUsd)]),
  ]
}
