/** The Prometheus registry of one process: prefix `twolane_`, base units, labels from bounded sets, never ids. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"

const name = (part: string): string => `twolane_${part}`

/** From 5 ms to 12 h. */
const secondsBuckets = [
  0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 1_800, 7_200, 43_200,
]
const cycleBuckets = [1, 2, 3, 4, 5, 6, 8, 12]

/** Every metric that a gateway or a worker records. */
export type Metrics = ReturnType<typeof createMetrics>

/**
 * Makes the registry. `models` are the configured model names: any other one is counted as `other`, so that a request cannot make
 * new label values.
 */
export const createMetrics = (models: readonly string[]) => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: name("process_runtime_") })
  const histogram = <Label extends string>(part: string, help: string, labelNames: readonly Label[]) =>
    new Histogram({ name: name(part), help, labelNames, registers, buckets: secondsBuckets })
  const counter = <Label extends string>(part: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: name(part), help, labelNames, registers })
  const gauge = <Label extends string>(part: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: name(part), help, labelNames, registers })
  return {
    registry,
    /** The label value for a model. */
    modelLabel: (model: string): string => (models.includes(model) ? model : "other"),
    queueWait: histogram("queue_wait_seconds", "From queued to started", ["lane"]),
    timeToFirstToken: histogram("time_to_first_token_seconds", "From the model call to its first token", [
      "lane",
      "model",
    ]),
    timeToFirstEdit: histogram("time_to_first_edit_seconds", "From queued to the first applied patch", [
      "lane",
    ]),
    timeToGreen: histogram("time_to_green_seconds", "From queued to the first passing targeted tests", [
      "lane",
    ]),
    turnDuration: histogram("turn_duration_seconds", "From started to ended", ["lane", "outcome"]),
    loopTime: histogram("loop_time_seconds", "From a prompt to the next prompt or verdict", ["lane"]),
    cancelToQuiet: histogram("cancel_to_quiet_seconds", "From the cancel to nothing left running", ["lane"]),
    correctionCycles: new Histogram({
      name: name("correction_cycles"),
      help: "Patches of a turn until its tests were green",
      labelNames: ["lane"],
      registers,
      buckets: cycleBuckets,
    }),
    turns: counter("turns_total", "Turns that ended", ["lane", "outcome"]),
    attemptsLost: counter("attempts_lost_total", "Attempts whose worker was lost", ["lane"]),
    interrupts: counter("interrupts_total", "Turns that a person ended", ["lane"]),
    steers: counter("steers_total", "Steering notes", ["status"]),
    restarts: counter("restarts_total", "Tasks discarded or retried from the base", ["lane"]),
    handoffs: counter("handoffs_total", "Hand-offs to the other lane", ["lane"]),
    guardrailTrips: counter("guardrail_trips_total", "Guardrails that tripped", ["rule", "lane"]),
    tests: counter("test_runs_total", "Test runs", ["lane", "status"]),
    reviews: counter("reviews_total", "Changes accepted or discarded", ["lane", "decision"]),
    acceptedLines: counter("accepted_lines_total", "Lines added and removed by accepted changes", ["lane"]),
    tokens: counter("tokens_total", "Tokens", ["lane", "model", "kind"]),
    costUsd: counter("cost_usd_total", "Cost where a price is known", ["lane", "model"]),
    queueDepth: gauge("queue_depth", "Turns in a lane now", ["lane", "state"]),
    runningTurns: gauge("running_turns", "Turns that this process runs", ["lane"]),
    httpRequests: counter("http_requests_total", "Requests answered", ["method", "route", "status"]),
    httpDuration: histogram("http_request_duration_seconds", "From request to answer", ["method", "route"]),
    streams: gauge("event_streams", "Event streams open now", ["kind"]),
  }
}
