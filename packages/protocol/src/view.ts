import type { Gate, Overlap, QueuePlace, Task, Turn } from "./resources.ts"
import { lastTurn, type OpenGate, reviewHead, type TaskState, type TurnState } from "./state.ts"

/** What is known of a task from outside its own log. */
type Around = { queue?: QueuePlace; behind?: number; overlaps?: Overlap[] }

/** The task as surfaces show it; `around` comes from outside its own log. */
export const viewTask = (state: TaskState, around: Around = {}): Task => {
  const last = lastTurn(state)
  const queue = around.queue
  const head = reviewHead(state)
  return {
    id: state.id,
    team: state.team,
    repo: state.repo,
    lane: last?.lane ?? "deep",
    status: last?.status ?? "queued",
    title: state.title,
    prompt: state.prompt,
    by: state.by,
    origin: state.origin,
    labels: state.labels,
    ...(state.group === undefined ? {} : { group: state.group }),
    priority: state.priority,
    base: state.base ?? state.baseAtSubmit ?? state.baseRef,
    ...(around.behind === undefined ? {} : { behind: around.behind }),
    branch: state.branch,
    ...(state.head === undefined ? {} : { head: state.head }),
    ...(state.pullRequest === undefined ? {} : { pullRequest: state.pullRequest }),
    createdAt: state.createdAt,
    ...(state.startedAt === undefined ? {} : { startedAt: state.startedAt }),
    ...(state.endedAt === undefined ? {} : { endedAt: state.endedAt }),
    turns: state.turns.map(viewTurn),
    ...(queue === undefined ? {} : { queue }),
    gates: state.gates.map(gate => viewGate(state, gate)),
    ...(state.change === undefined ? {} : { change: state.change }),
    ...(state.tests === undefined ? {} : { tests: state.tests }),
    review: state.review,
    ...(head === null ? {} : { reviewHead: head }),
    usage: state.usage,
    ...(around.overlaps === undefined || around.overlaps.length === 0 ? {} : { overlaps: around.overlaps }),
    lastEventId: state.lastEventId,
  }
}

const viewTurn = (turn: TurnState): Turn => ({
  id: turn.id,
  lane: turn.lane,
  status: turn.status,
  prompt: turn.prompt,
  ...(turn.outcome === undefined ? {} : { outcome: turn.outcome }),
  attempts: turn.attempts,
  queuedAt: turn.queuedAt,
  ...(turn.startedAt === undefined ? {} : { startedAt: turn.startedAt }),
  ...(turn.endedAt === undefined ? {} : { endedAt: turn.endedAt }),
  usage: turn.usage,
})

/** An open gate as `GET /v1/gates` and the task show it. */
export const viewGate = (state: TaskState, gate: OpenGate): Gate => ({
  id: gate.gate,
  task: state.id,
  turn: gate.turn,
  repo: state.repo,
  title: state.title,
  kind: gate.kind,
  detail: gate.detail,
  ...(gate.subject === undefined ? {} : { subject: gate.subject }),
  openedAt: gate.openedAt,
})
