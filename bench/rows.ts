import type { MeasureRow } from "./row.ts"

/** A row of `performance.md`; its module is loaded only when the row is measured. */
export type RowEntry = {
  name: string
  /** Missing its goal fails the run. */
  mustHold: boolean
  limitMs: number
  /** One of the short rows that `--check` looks at: what becomes twice as dear is seen there. */
  checked?: true
  load: () => Promise<{ run: MeasureRow }>
}

/** The deep lane's rows, in the order of the table. */
export const rows: readonly RowEntry[] = [
  { name: "submit", mustHold: false, limitMs: 180_000, load: () => import("./rows/submit.ts") },
  {
    name: "idle-start",
    mustHold: true,
    checked: true,
    limitMs: 120_000,
    load: () => import("./rows/idle-start.ts"),
  },
  { name: "throughput", mustHold: false, limitMs: 180_000, load: () => import("./rows/throughput.ts") },
  { name: "depth", mustHold: false, limitMs: 470_000, load: () => import("./rows/depth.ts") },
  { name: "memory", mustHold: false, limitMs: 120_000, load: () => import("./rows/memory.ts") },
  { name: "history", mustHold: false, limitMs: 230_000, load: () => import("./rows/history.ts") },
  {
    name: "workspace-cold",
    mustHold: true,
    limitMs: 400_000,
    load: () => import("./rows/workspace-cold.ts"),
  },
  {
    name: "workspace-warm",
    mustHold: true,
    limitMs: 400_000,
    load: () => import("./rows/workspace-warm.ts"),
  },
  {
    name: "parallel-leases",
    mustHold: true,
    limitMs: 300_000,
    load: () => import("./rows/parallel-leases.ts"),
  },
  { name: "release", mustHold: true, limitMs: 400_000, load: () => import("./rows/release.ts") },
  {
    name: "run-a-command",
    mustHold: true,
    checked: true,
    limitMs: 120_000,
    load: () => import("./rows/run-a-command.ts"),
  },
  {
    name: "cancel-to-quiet",
    mustHold: true,
    limitMs: 300_000,
    load: () => import("./rows/cancel-to-quiet.ts"),
  },
  {
    name: "cancel-fan-out",
    mustHold: false,
    limitMs: 240_000,
    load: () => import("./rows/cancel-fan-out.ts"),
  },
  { name: "steps", mustHold: false, limitMs: 180_000, load: () => import("./rows/steps.ts") },
  { name: "tests-start", mustHold: false, limitMs: 120_000, load: () => import("./rows/tests-start.ts") },
  {
    name: "first-token",
    mustHold: true,
    checked: true,
    limitMs: 120_000,
    load: () => import("./rows/first-token.ts"),
  },
  {
    name: "token-delay",
    mustHold: false,
    limitMs: 180_000,
    load: () => import("./rows/token-delay.ts"),
  },
  { name: "token-cost", mustHold: false, limitMs: 180_000, load: () => import("./rows/token-cost.ts") },
  {
    name: "streams-held",
    mustHold: false,
    limitMs: 220_000,
    load: () => import("./rows/streams-held.ts"),
  },
  { name: "interrupt", mustHold: true, limitMs: 120_000, load: () => import("./rows/interrupt.ts") },
  {
    name: "guardrail-stop",
    mustHold: true,
    limitMs: 120_000,
    load: () => import("./rows/guardrail-stop.ts"),
  },
  { name: "recording", mustHold: true, limitMs: 120_000, load: () => import("./rows/recording.ts") },
  { name: "warm-turn", mustHold: true, limitMs: 180_000, load: () => import("./rows/warm-turn.ts") },
  {
    name: "lane-isolation",
    mustHold: true,
    limitMs: 180_000,
    load: () => import("./rows/lane-isolation.ts"),
  },
  { name: "model", mustHold: false, limitMs: 120_000, load: () => import("./rows/model.ts") },
  { name: "resume", mustHold: true, limitMs: 240_000, load: () => import("./rows/resume.ts") },
  { name: "page", mustHold: false, limitMs: 200_000, load: () => import("./rows/page.ts") },
]
