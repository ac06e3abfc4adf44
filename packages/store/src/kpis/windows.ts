const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** In which steps of time KPIs are kept, and for how long. */
export const resolutions = [
  { name: "5m", stepMs: 5 * minuteMs, keepMs: 3 * hourMs },
  { name: "1h", stepMs: hourMs, keepMs: 8 * dayMs },
  { name: "1d", stepMs: dayMs, keepMs: 32 * dayMs },
] as const

/** The windows of `GET /v1/kpis`: which steps answer them, and how many. */
export const windows = {
  "1h": { name: "5m", stepMs: 5 * minuteMs, steps: 12 },
  "24h": { name: "1h", stepMs: hourMs, steps: 24 },
  "7d": { name: "1h", stepMs: hourMs, steps: 168 },
  "30d": { name: "1d", stepMs: dayMs, steps: 30 },
} as const
export type KpiWindow = keyof typeof windows
