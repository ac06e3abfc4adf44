import type { NewEvent, TaskEvent } from "@twolane/protocol"
import { nameEvents } from "../src/task/log.ts"

/** Events of a log as they are read, and one at another time. */
export const name = (events: NewEvent[]): TaskEvent[] => nameEvents("task_x", "0-0", 0, events)
export const at = (ms: number, event: NewEvent): NewEvent => ({ ...event, at: ms })

/** The beginning of the turn `t1`, and what a call of its model took. */
export const started = {
  type: "turn.started",
  turn: "t1",
  at: 0,
  lane: "deep",
  worker: "w",
  model: "m",
  engine: "builtin",
  base: null,
  branch: "b",
} satisfies NewEvent
export const usage = {
  type: "usage.reported",
  turn: "t1",
  at: 0,
  model: "m",
  inputTokens: 900,
  cachedTokens: 0,
  outputTokens: 100,
  costUsd: 0.5,
  ttftMs: 40,
  durationMs: 500,
} satisfies NewEvent
