import type { KpiName } from "./names.ts"

/** Upper bounds of time histograms, in seconds: from 5 ms to 12 h. */
const secondsBounds = [
  0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 1_800, 7_200, 43_200,
]
const cycleBounds = [1, 2, 3, 4, 5, 6, 8, 12]

/** All labels there are; each has few values, and none is an id, a repo or a text of a user. */
export type MetricLabel = "lane" | "model" | "outcome" | "rule" | "status" | "decision" | "kind"

type Described = { help: string; labels: readonly MetricLabel[]; of?: KpiName }
/** A cumulative metric. `of` names the KPI whose samples it counts: the values of a spread, the hits of a rate. */
export type FleetMetric = Described &
  ({ type: "counter" } | { type: "histogram"; bounds: readonly number[]; perUnit: number })

const counter = <Label extends MetricLabel>(help: string, labels: readonly Label[], of?: KpiName) => ({
  type: "counter" as const,
  help,
  labels,
  ...(of === undefined ? {} : { of }),
})
/** KPIs of time are in milliseconds, Prometheus' base unit is the second. */
const times = <Label extends MetricLabel>(help: string, of: KpiName, labels: readonly Label[]) => ({
  type: "histogram" as const,
  help,
  labels,
  of,
  bounds: secondsBounds,
  perUnit: 1_000,
})

/**
 * The metrics of all turns of all workers, by their Prometheus names: counted once in Redis from the same facts as the KPIs, never
 * reset while Redis lives. A turn counts when it ends.
 */
export const fleetMetrics = {
  twolane_queue_wait_seconds: times("From queued to started", "queue_wait", ["lane"]),
  twolane_time_to_first_token_seconds: times("From started to the first token", "time_to_first_token", [
    "lane",
    "model",
  ]),
  twolane_time_to_first_edit_seconds: times("From started to the first applied patch", "time_to_first_edit", [
    "lane",
  ]),
  twolane_time_to_green_seconds: times("From started to the first passing tests", "time_to_green", ["lane"]),
  twolane_turn_duration_seconds: times("Running time of a turn, without gates", "turn_duration", [
    "lane",
    "outcome",
  ]),
  twolane_loop_time_seconds: times("From a prompt to the next prompt or verdict", "loop_time", ["lane"]),
  twolane_cancel_to_quiet_seconds: times("From the cancel to nothing left running", "cancel_to_quiet", [
    "lane",
  ]),
  twolane_correction_cycles: {
    type: "histogram",
    help: "Patches of a turn until its tests were green",
    labels: ["lane"],
    of: "correction_cycles",
    bounds: cycleBounds,
    perUnit: 1,
  },
  twolane_turns_total: counter("Turns that ended", ["lane", "outcome"]),
  twolane_attempts_lost_total: counter("Attempts whose worker was lost", ["lane"]),
  twolane_interrupts_total: counter("Turns that a person interrupted", ["lane"], "interrupt_rate"),
  twolane_steered_turns_total: counter("Turns that a person steered", ["lane"], "steer_rate"),
  twolane_steers_total: counter("Steering notes, by what became of them", ["lane", "status"]),
  twolane_restarts_total: counter("Tasks discarded or retried from the base", ["lane"], "restart_rate"),
  twolane_handoffs_total: counter("Turns handed to the other lane", ["lane"], "handoff_rate"),
  twolane_follow_ups_total: counter("Turns that were followed by a further prompt", ["lane"]),
  twolane_lane_changes_total: counter("Follow-ups in another lane", ["lane"], "lane_changed_rate"),
  twolane_guardrail_trips_total: counter("Guardrails that tripped", ["lane", "rule"]),
  twolane_test_runs_total: counter("Test runs", ["lane", "status"]),
  twolane_reviews_total: counter("Changes accepted or discarded", ["lane", "decision"]),
  twolane_accepted_lines_total: counter("Lines added and removed by accepted changes", ["lane"]),
  twolane_tokens_total: counter("Tokens", ["lane", "model", "kind"]),
  twolane_cost_usd_total: counter("Cost where a price is known", ["lane", "model"]),
} as const satisfies Record<string, FleetMetric>
export type FleetMetricName = keyof typeof fleetMetrics
