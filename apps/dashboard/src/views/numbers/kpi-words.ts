import type { Kpi } from "@twolane/protocol"
import { durationWords } from "../../ui/words.ts"

/** What a KPI is called, what it says, and which way is better. */
export type KpiWords = { title: string; says: string; better: "less" | "more" | "neither" }

/** The KPIs in the order in which a team reads them: does it feel fast, does it work, what does it cost. */
export const kpiWords: Readonly<Record<string, KpiWords>> = {
  loop_time: {
    title: "Loop time",
    says: "From a person's prompt to their next prompt or verdict: the twenty minutes that become three.",
    better: "less",
  },
  time_to_first_token: {
    title: "First token",
    says: "From the turn's start to the model's first token.",
    better: "less",
  },
  time_to_first_edit: {
    title: "First edit",
    says: "From the turn's start to its first applied patch.",
    better: "less",
  },
  time_to_green: {
    title: "Green",
    says: "From the turn's start to its first passing targeted tests.",
    better: "less",
  },
  turn_duration: { title: "Turn", says: "Running time of a turn, without queue and gates.", better: "less" },
  queue_wait: { title: "Wait in the queue", says: "From a turn's request to its start.", better: "less" },
  acceptance_rate: { title: "Accepted", says: "Verdicts that accepted the change.", better: "more" },
  correction_cycles: {
    title: "Patches to green",
    says: "Patches a turn until its tests passed.",
    better: "less",
  },
  steer_rate: { title: "Steered", says: "Turns that somebody steered.", better: "neither" },
  interrupt_rate: { title: "Interrupted", says: "Turns that somebody interrupted.", better: "neither" },
  restart_rate: {
    title: "Started over",
    says: "Turns that were discarded, or retried from scratch.",
    better: "less",
  },
  handoff_rate: { title: "Handed off", says: "Turns that went on in the other lane.", better: "neither" },
  lane_changed_rate: {
    title: "Lane changed",
    says: "Follow-up turns in another lane than the turn before: how often the first choice was corrected.",
    better: "less",
  },
  cancel_to_quiet: {
    title: "Cancel to quiet",
    says: "From a cancel to the proof that nothing of the turn runs any more.",
    better: "less",
  },
  guardrail_trips: { title: "Guardrail trips", says: "Trips a turn.", better: "less" },
  tokens: { title: "Tokens a line", says: "Tokens for each accepted line.", better: "less" },
  cost_usd: { title: "Cost a line", says: "US dollars for each accepted line.", better: "less" },
}

const trips = "guardrail_trips."

/** The words of a KPI by its name; each guardrail rule has a KPI of its own. */
export const wordsOf = (name: string): KpiWords =>
  kpiWords[name] ??
  (name.startsWith(trips)
    ? { title: `Trips: ${name.slice(trips.length)}`, says: "Trips of this rule a turn.", better: "less" }
    : { title: name, says: "", better: "neither" })

/** A value in its unit. */
export const valueWords = (value: number | null, unit: Kpi["unit"]): string => {
  if (value === null) return "–"
  switch (unit) {
    case "ms":
      return durationWords(value)
    case "ratio":
      return `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`
    case "usd":
      return `$${value < 1 ? value.toPrecision(2) : value.toFixed(2)}`
    case "tokens":
    case "count":
      return value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 })
  }
}
