import type { Kpi } from "@twolane/protocol"

/** How a KPI is kept: a spread of values, or a share of hits among cases. */
export type KpiKind = { unit: Kpi["unit"]; kind: "spread" | "rate" }

const spread = (unit: Kpi["unit"]): KpiKind => ({ unit, kind: "spread" })
const rate: KpiKind = { unit: "ratio", kind: "rate" }

/**
 * Every KPI, by name. Times count from the turn's first start (so that `queue_wait` comes on top of them), `turn_duration` is running
 * time without gates, `loop_time` goes from a person's prompt to their next prompt or verdict.
 */
export const kpiNames = {
  queue_wait: spread("ms"),
  time_to_first_token: spread("ms"),
  time_to_first_edit: spread("ms"),
  time_to_green: spread("ms"),
  turn_duration: spread("ms"),
  loop_time: spread("ms"),
  cancel_to_quiet: spread("ms"),
  interrupt_rate: rate,
  correction_cycles: spread("count"),
  steer_rate: rate,
  /** Discarded, or retried from the base, for each turn that ended. */
  restart_rate: rate,
  handoff_rate: rate,
  /** Follow-up turns in another lane than the turn before, among all follow-up turns. */
  lane_changed_rate: rate,
  /** Trips a turn; each rule also has a KPI of its own, `guardrail_trips.<rule>`. */
  guardrail_trips: spread("count"),
  acceptance_rate: rate,
  tokens: spread("tokens"),
  cost_usd: spread("usd"),
} as const satisfies Record<string, KpiKind>
export type KpiName = keyof typeof kpiNames

/** The kind of a KPI by its stored name; null for a name of another version. */
export const kindOf = (name: string): KpiKind | null =>
  name.startsWith("guardrail_trips.")
    ? spread("count")
    : ((kpiNames as Record<string, KpiKind>)[name] ?? null)
