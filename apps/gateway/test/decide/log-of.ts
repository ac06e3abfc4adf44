import { foldEvents, type NewEvent, noUsage, type TaskEvent, type TaskState } from "@twolane/protocol"

export const alice = { key: "key_alice", name: "Alice" }
export const task = "task_00000000000000000000000000"

/** Events as the store would number them: `turn.started` begins an attempt, and `n` starts again. */
export const numbered = (events: readonly NewEvent[], before: TaskState | null = null): TaskEvent[] => {
  let [attempt = 0, n = 0] = before?.lastEventId.split("-").map(Number) ?? []
  return events.map(event => {
    if (event.type === "turn.started") {
      attempt += 1
      n = 0
    }
    n += 1
    return { ...event, id: `${attempt}-${n}`, task, attempt }
  })
}

/** The state after some events. */
export const after = (...events: NewEvent[]): TaskState => foldEvents(null, numbered(events))

/** The state after some more events. */
export const andThen = (state: TaskState, events: readonly NewEvent[]): TaskState =>
  foldEvents(state, numbered(events, state))

export const created: NewEvent = {
  type: "task.created",
  team: "default",
  repo: "shop",
  title: "mend sum",
  prompt: "mend sum",
  by: alice,
  origin: "api",
  labels: [],
  priority: "normal",
  base: null,
  baseAtSubmit: "b".repeat(40),
  turn: null,
  at: 1,
}
export const queued = (turn: string): NewEvent => ({
  type: "turn.queued",
  lane: "deep",
  position: null,
  reason: "waits",
  prompt: `do ${turn}`,
  by: alice,
  options: { test: "all" },
  turn,
  at: 2,
})
export const started = (turn: string): NewEvent => ({
  type: "turn.started",
  lane: "deep",
  worker: "worker_1",
  model: "test",
  engine: "builtin",
  base: null,
  branch: `twolane/${task}`,
  turn,
  at: 3,
})
export const opened = (
  turn: string,
  gate: string,
  more: Partial<Extract<NewEvent, { type: "gate.opened" }>> = {},
): NewEvent => ({
  type: "gate.opened",
  gate,
  kind: "patch",
  detail: "4 files",
  turn,
  at: 4,
  ...more,
})
export const ended = (turn: string): NewEvent => ({
  type: "turn.ended",
  outcome: { status: "succeeded" },
  usage: noUsage,
  turn,
  at: 5,
})
export const steered = (turn: string, steer: string): NewEvent => ({
  type: "steer.accepted",
  steer,
  prompt: "use b",
  by: alice,
  turn,
  at: 4,
})
export const changed: NewEvent = {
  type: "change.ready",
  branch: `twolane/${task}`,
  base: "b".repeat(40),
  head: "c".repeat(40),
  files: 1,
  added: 1,
  removed: 1,
  turn: "turn_1",
  at: 4,
}
