/** The Prometheus registry of one process: prefix `twolane_`, base units, labels from bounded sets, never ids. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"

const name = (part: string): string => `twolane_${part}`

/** From 5 ms to 60 s. */
const secondsBuckets = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** What one process knows of itself; what turns have to tell is counted by the store, for the whole fleet. */
export type Metrics = ReturnType<typeof createMetrics>

/** Makes the registry of a process that serves HTTP. */
export const createMetrics = () => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: name("process_runtime_") })
  const ofTeam = (part: string, help: string) =>
    new Gauge({ name: name(`team_${part}`), help, labelNames: ["team"], registers })
  return {
    registry,
    queueDepth: new Gauge({
      name: name("queue_depth"),
      help: "Turns in a lane now: waiting for a slot, for a later time or another task, or running",
      labelNames: ["lane", "state"],
      registers,
    }),
    queuePaused: new Gauge({
      name: name("queue_paused"),
      help: "Whether a lane is paused",
      labelNames: ["lane"],
      registers,
    }),
    workers: new Gauge({
      name: name("workers"),
      help: "Workers there now; holding: they take no turns, the disk is nearly full",
      labelNames: ["lane", "state"],
      registers,
    }),
    slots: new Gauge({
      name: name("slots"),
      help: "Turns that a lane's workers run at once",
      labelNames: ["lane"],
      registers,
    }),
    slotsWanted: new Gauge({
      name: name("slots_wanted"),
      help: "Slots that a lane could use now: turns that have one, and turns that lack nothing else",
      labelNames: ["lane"],
      registers,
    }),
    slotWait: new Gauge({
      name: name("slot_wait_seconds"),
      help: "How long the first turn that lacks nothing but a slot has waited for it",
      labelNames: ["lane"],
      registers,
    }),
    /** A month is a calendar month in UTC. */
    teams: {
      spendUsd: ofTeam("spend_usd", "What a team's turns that ended this month cost, where a price is known"),
      spendTokens: ofTeam("spend_tokens", "What a team's turns that ended this month used, input and output"),
      budgetUsd: ofTeam("budget_usd", "What a team may spend in a month"),
      budgetTokens: ofTeam("budget_tokens", "What a team may use in a month, input and output"),
      budgetUsed: ofTeam(
        "budget_used_ratio",
        "Part of its budget that a team has used this month, the larger of dollars and tokens; from 1 on none of its turns starts",
      ),
      budgetWarn: ofTeam("budget_warn_ratio", "From which part on a team's budget warns"),
    },
    httpRequests: new Counter({
      name: name("http_requests_total"),
      help: "Requests answered",
      labelNames: ["method", "route", "status"],
      registers,
    }),
    httpDuration: new Histogram({
      name: name("http_request_duration_seconds"),
      help: "From request to answer",
      labelNames: ["method", "route"],
      registers,
      buckets: secondsBuckets,
    }),
    streams: new Gauge({
      name: name("event_streams"),
      help: "Event streams open now",
      labelNames: ["kind"],
      registers,
    }),
  }
}
