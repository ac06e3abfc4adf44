import { type Active, type Entry, scoreOf } from "../src/queue/entry.ts"

/** When it is, in the tests of the queue. */
export const now = 1_000_000

/** A turn that waits. */
export const entry = (more: Partial<Entry> = {}): Entry => ({
  team: "default",
  task: "task_a",
  turn: "turn_a",
  repo: "shop",
  who: "ann",
  score: scoreOf("normal", 3),
  queuedAt: 3,
  ...more,
})
/** A turn that runs. */
export const running = (more: Partial<Active> = {}): Active => ({
  team: "default",
  task: "task_r",
  turn: "turn_r",
  repo: "shop",
  who: "ann",
  state: "running",
  fence: "1",
  at: 1,
  host: "h1",
  worker: "w1",
  ...more,
})
