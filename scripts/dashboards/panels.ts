/** A panel of the Grafana dashboard: `queries` are PromQL, by the words of their legend. */
export type Panel = {
  title: string
  kind: "timeseries" | "stat"
  unit: "s" | "short" | "percentunit" | "currencyUSD" | "reqps"
  /** Of the dashboard's 24 columns. */
  width: number
  queries: readonly { legend: string; expr: string }[]
}
/** A row of panels under a heading. */
export type Section = { title: string; panels: readonly Panel[] }

const panel = (title: string, unit: Panel["unit"], more: Partial<Panel> & Pick<Panel, "queries">): Panel => ({
  title,
  unit,
  kind: "timeseries",
  width: 8,
  ...more,
})

/** Every gateway has the fleet's counters, so that their sum would count all turns once for each gateway. */
const fleet = (metric: string, over: string): string =>
  `max without (instance) (${over}(${metric}[$__rate_interval]))`

/** The middle and the slow end of a histogram, both lanes side by side. */
const spread = (title: string, metric: string): Panel =>
  panel(title, "s", {
    queries: ["0.5", "0.9"].map(share => ({
      legend: `{{lane}} p${Number(share) * 100}`,
      expr: `histogram_quantile(${share}, sum by (lane, le) (${fleet(`${metric}_bucket`, "rate")}))`,
    })),
  })

/** How often something comes to pass among turns of a lane, or of what `of` counts. */
const share = (title: string, metric: string, of = "twolane_turns_total"): Panel =>
  panel(title, "percentunit", {
    width: 6,
    queries: [
      {
        legend: "{{lane}}",
        expr: `sum by (lane) (${fleet(metric, "increase")}) / sum by (lane) (${fleet(of, "increase")})`,
      },
    ],
  })

const count = (title: string, metric: string, by: readonly string[], unit: Panel["unit"] = "short"): Panel =>
  panel(title, unit, {
    queries: [
      {
        legend: by.map(label => `{{${label}}}`).join(" "),
        expr: `sum by (${by.join(", ")}) (${fleet(metric, "increase")})`,
      },
    ],
  })

const now = (title: string, metric: string): Panel =>
  panel(title, "short", {
    kind: "stat",
    width: 6,
    queries: [{ legend: "{{lane}}", expr: `max by (lane) (${metric})` }],
  })

/** What teams have spent by now, and what they may: `metrics` by the words of their legend. */
const ofTeams = (
  title: string,
  unit: Panel["unit"],
  metrics: readonly (readonly [legend: string, metric: string])[],
): Panel =>
  panel(title, unit, {
    queries: metrics.map(([legend, metric]) => ({ legend, expr: `max by (team) (${metric})` })),
  })

const missed = (slo: string): Panel["queries"] =>
  ["5m", "1h", "6h"].map(window => ({ legend: window, expr: `twolane:${slo}:missed_${window}` }))

/** What the dashboard shows, from above to below. */
export const sections: readonly Section[] = [
  {
    title: "Now",
    panels: [
      now("Waiting", 'twolane_queue_depth{state="waiting"}'),
      now("Running", 'twolane_queue_depth{state="running"}'),
      now("Workers that take turns", 'twolane_workers{state="taking"}'),
      now("Slots", "twolane_slots"),
      panel("Turns in the lanes", "short", {
        width: 12,
        queries: [{ legend: "{{lane}} {{state}}", expr: "max by (lane, state) (twolane_queue_depth)" }],
      }),
      panel("Turns that ended", "short", {
        width: 12,
        queries: [
          {
            legend: "{{lane}} {{outcome}}",
            expr: `sum by (lane, outcome) (${fleet("twolane_turns_total", "increase")})`,
          },
        ],
      }),
    ],
  },
  {
    title: "Does latency buy throughput?",
    panels: [
      spread("From queued to started", "twolane_queue_wait_seconds"),
      spread("First token", "twolane_time_to_first_token_seconds"),
      spread("First edit", "twolane_time_to_first_edit_seconds"),
      spread("Green", "twolane_time_to_green_seconds"),
      spread("Turn", "twolane_turn_duration_seconds"),
      spread("Loop: prompt to next prompt or verdict", "twolane_loop_time_seconds"),
      share("Interrupted", "twolane_interrupts_total"),
      share("Steered", "twolane_steered_turns_total"),
      share("Handed to the other lane", "twolane_handoffs_total"),
      share("Thrown away", "twolane_restarts_total"),
      share(
        "Accepted, of what was reviewed",
        'twolane_reviews_total{decision="accepted"}',
        "twolane_reviews_total",
      ),
      share("Lane changed, of follow-ups", "twolane_lane_changes_total", "twolane_follow_ups_total"),
      panel("Patches until green, p50", "short", {
        width: 6,
        queries: [
          {
            legend: "{{lane}}",
            expr: `histogram_quantile(0.5, sum by (lane, le) (${fleet("twolane_correction_cycles_bucket", "rate")}))`,
          },
        ],
      }),
      panel("Lines accepted", "short", {
        width: 6,
        queries: [
          {
            legend: "{{lane}}",
            expr: `sum by (lane) (${fleet("twolane_accepted_lines_total", "increase")})`,
          },
        ],
      }),
    ],
  },
  {
    title: "Guardrails, tests, cost",
    panels: [
      count("Guardrails that tripped", "twolane_guardrail_trips_total", ["lane", "rule"]),
      count("Test runs", "twolane_test_runs_total", ["lane", "status"]),
      count("Steering notes", "twolane_steers_total", ["lane", "status"]),
      count("Tokens", "twolane_tokens_total", ["model", "kind"]),
      count("Cost", "twolane_cost_usd_total", ["lane", "model"], "currencyUSD"),
      count("Attempts lost", "twolane_attempts_lost_total", ["lane"]),
      ofTeams("Budget used this month", "percentunit", [["{{team}}", "twolane_team_budget_used_ratio"]]),
      ofTeams("Spend this month", "currencyUSD", [
        ["{{team}}", "twolane_team_spend_usd"],
        ["{{team}}: budget", "twolane_team_budget_usd"],
      ]),
      ofTeams("Tokens this month", "short", [
        ["{{team}}", "twolane_team_spend_tokens"],
        ["{{team}}: budget", "twolane_team_budget_tokens"],
      ]),
    ],
  },
  {
    title: "Objectives: the share that missed them",
    panels: [
      panel("Requests that end in a fault of ours (0.5 %)", "percentunit", { queries: missed("http") }),
      panel("First token of the fast lane after 1 s (5 %)", "percentunit", {
        queries: missed("first_token"),
      }),
      panel("Cancel not quiet within 2.5 s (1 %)", "percentunit", { queries: missed("cancel") }),
    ],
  },
  {
    title: "Gateways",
    panels: [
      panel("Requests", "reqps", {
        queries: [
          {
            legend: "{{status}}",
            expr: "sum by (status) (rate(twolane_http_requests_total[$__rate_interval]))",
          },
        ],
      }),
      panel("Answers, p99", "s", {
        queries: [
          {
            legend: "{{route}}",
            expr: "topk(8, histogram_quantile(0.99, sum by (route, le) (rate(twolane_http_request_duration_seconds_bucket[$__rate_interval]))))",
          },
        ],
      }),
      panel("Streams open", "short", {
        queries: [{ legend: "{{kind}}", expr: "sum by (kind) (twolane_event_streams)" }],
      }),
    ],
  },
]
