import type { EventBody, TaskEvent } from "../src/index.ts"

type Body<Type extends EventBody["type"]> = Extract<EventBody, { type: Type }>

export const by = { key: "key_1", name: "Ada" }
export const turn = "turn_1"

/** Events as the store would number them. */
export const log = (...bodies: (EventBody & { turn?: string | null; attempt?: number })[]): TaskEvent[] => {
  const counts = new Map<number, number>()
  let newest = 0
  return bodies.map((body, index) => {
    newest = Math.max(newest, body.attempt ?? newest)
    const n = (counts.get(newest) ?? 0) + 1
    counts.set(newest, n)
    return {
      turn,
      ...body,
      task: "task_1",
      attempt: newest,
      id: `${newest}-${n}`,
      at: 1_000 + index * 10,
    } as TaskEvent
  })
}

export const created: EventBody & { turn: null } = {
  type: "task.created",
  turn: null,
  team: "default",
  repo: "api",
  title: "Mend it",
  prompt: "Mend it",
  by,
  origin: "api",
  labels: [],
  priority: "normal",
  base: null,
  baseAtSubmit: "a".repeat(40),
}
export const queued: Body<"turn.queued"> = {
  type: "turn.queued",
  lane: "deep",
  position: 0,
  reason: "next",
  prompt: "Mend it",
  by,
  options: {},
}
export const started = (attempt: number): EventBody & { attempt: number } => ({
  type: "turn.started",
  attempt,
  lane: "deep",
  worker: `worker_${attempt}`,
  model: "m",
  engine: "builtin",
  base: null,
  branch: "twolane/task_1",
})
export const saved: Body<"patch.applied"> = {
  type: "patch.applied",
  files: [],
  diff: "",
  checkpoint: "c".repeat(40),
}
