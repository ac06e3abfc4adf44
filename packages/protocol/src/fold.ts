import { branchOf } from "./branch.ts"
import type { TaskEvent } from "./events.ts"
import { isFinal } from "./final.ts"
import { changeTurns, type EventOf, onTurn } from "./fold-turn.ts"
import { callEnded, callStarted, leftBehind, ready, saved, tested, undone, withPush } from "./fold-work.ts"
import type { TaskState, TurnState } from "./state.ts"
import type { Actor } from "./terms.ts"
import { startClock, stopClock } from "./turn-clock.ts"
import { addUsage, noUsage } from "./usage.ts"

/**
 * The next state of a task after one event; the only state machine there is. Pure: the state given stays as it was.
 * @throws Error when the event cannot follow: that is a bug of the writer, never a user's doing.
 */
export const foldEvent = (state: TaskState | null, event: TaskEvent): TaskState => {
  const next = state === null ? created(event) : apply(copyOf(state), event)
  return { ...next, attempt: Math.max(next.attempt, event.attempt), lastEventId: event.id }
}

/** A copy of all that `apply` changes in place; everything else it replaces. */
const copyOf = (state: TaskState): TaskState => ({
  ...state,
  turns: [...state.turns],
  steers: [...state.steers],
})

/** Folds events, oldest first, onto a state (null: from the start of the log). */
export const foldEvents = (state: TaskState | null, events: readonly TaskEvent[]): TaskState => {
  const folded = events.reduce<TaskState | null>(foldEvent, state)
  if (folded === null) throw new Error("a log without events has no state")
  return folded
}

const created = (event: TaskEvent): TaskState => {
  if (event.type !== "task.created") throw new Error(`a log cannot begin with ${event.type}`)
  return {
    id: event.task,
    team: event.team,
    repo: event.repo,
    title: event.title,
    prompt: event.prompt,
    by: event.by,
    origin: event.origin,
    labels: event.labels,
    priority: event.priority,
    baseRef: event.base,
    baseAtSubmit: event.baseAtSubmit,
    ...(event.group === undefined ? {} : { group: event.group }),
    base: null,
    branch: branchOf(event.task),
    pushed: null,
    createdAt: event.at,
    attempt: 0,
    attemptOpen: false,
    lastEventId: event.id,
    turns: [],
    checkpoint: null,
    review: "none",
    usage: noUsage,
    gates: [],
    steers: [],
  }
}

const apply = (state: TaskState, event: TaskEvent): TaskState => {
  switch (event.type) {
    case "task.created":
      throw new Error("a task is created once")
    case "turn.queued":
      return queued(state, event)
    case "turn.started":
      return started(state, event)
    case "attempt.lost":
      return lost(state, event)
    case "patch.applied":
    case "checkpoint.saved":
      return saved(state, event)
    case "checkpoint.undone":
      return undone(state, event)
    case "tool.started":
      return callStarted(state, event)
    case "tool.ended":
      return callEnded(state, event)
    case "guardrail.tripped":
      return onTurn(state, event, turn => {
        turn.trips[event.rule] = (turn.trips[event.rule] ?? 0) + 1
      })
    case "tests.ended":
      return tested(state, event)
    case "usage.reported":
      return used(state, event)
    case "model.waiting":
      return onTurn(state, event, turn => stopClock(turn, event.at))
    case "model.resumed":
      return onTurn(state, event, turn => startClock(turn, event.at))
    case "steer.accepted":
      state.steers.push({ steer: event.steer, turn: event.turn ?? "", prompt: event.prompt, at: event.at })
      return noted(state, event.by)
    case "steer.applied":
    case "steer.rejected":
      return { ...state, steers: state.steers.filter(open => open.steer !== event.steer) }
    case "cancel.requested":
      return cancelRequested(state, event)
    case "gate.opened":
      return gateOpened(state, event)
    case "gate.decided":
      return gateDecided(state, event)
    case "change.ready":
      return ready(state, event)
    case "turn.ended":
      return ended(state, event)
    case "workspace.ready":
      return { ...state, base: state.base ?? event.base }
    case "branch.pushed":
      return event.branch === state.branch ? withPush(state, event.head) : state
    case "pull_request.opened":
      return { ...state, pullRequest: pullOf(event) }
    case "task.reviewed":
      return { ...state, review: event.decision }
    case "message.done":
    case "plan.updated":
    case "context.shortened":
    case "tests.started":
    case "cancel.confirmed":
    case "budget.warning":
    case "handoff.created":
      return state
    default:
      return unknownEvent(state, event)
  }
}

const pullOf = ({ url, number }: EventOf<"pull_request.opened">): { url: string; number?: number } => ({
  url,
  ...(number === undefined ? {} : { number }),
})

/** A newer version of Twolane may have written it: it changes nothing that this version knows. */
const unknownEvent = (state: TaskState, _event: never): TaskState => state

const queued = (state: TaskState, event: EventOf<"turn.queued">): TaskState => {
  const known = state.turns.some(turn => turn.id === event.turn)
  if (!known) return { ...withoutEnd(state), turns: [...state.turns, newTurn(state, event)] }
  onTurn(state, event, turn => {
    stopClock(turn, event.at)
    turn.status = "queued"
    turn.queueReason = event.reason
    delete turn.notBefore
    if (event.notBefore !== undefined) turn.notBefore = event.notBefore
    delete turn.after
    if (event.after !== undefined) turn.after = event.after
    if (event.again?.why === "retry") turn.retries += 1
  })
  return { ...state, attemptOpen: false }
}

const newTurn = (state: TaskState, event: EventOf<"turn.queued">): TurnState => ({
  id: event.turn ?? "",
  lane: event.lane,
  status: "queued",
  prompt: event.prompt,
  by: event.by,
  options: event.options,
  from: event.from ?? "checkpoint",
  attempts: 0,
  queuedAt: event.at,
  ...(event.notBefore === undefined ? {} : { notBefore: event.notBefore }),
  ...(event.startBy === undefined ? {} : { startBy: event.startBy }),
  ...(event.after === undefined ? {} : { after: event.after }),
  queueReason: event.reason,
  usage: noUsage,
  runningMs: 0,
  lostInRow: 0,
  retries: 0,
  trips: {},
  cycles: 0,
  startCheckpoint: state.checkpoint?.sha ?? null,
  decisions: [],
  planAllowed: false,
})

const withoutEnd = ({ endedAt: _endedAt, ...state }: TaskState): TaskState => state

const started = (state: TaskState, event: EventOf<"turn.started">): TaskState => {
  onTurn(state, event, turn => {
    turn.status = turn.cancel === undefined ? "running" : "canceling"
    turn.attempts += 1
    turn.startedAt ??= event.at
    turn.runningSince = event.at
    turn.worker = event.worker
    if (turn.attempts > 1) return
    turn.startCheckpoint = turn.from === "base" ? null : (state.checkpoint?.sha ?? null)
    if (turn.from !== "base") return
    state.checkpoint = null
    delete state.brought
    delete state.work
    delete state.touched
  })
  return {
    ...state,
    startedAt: state.startedAt ?? event.at,
    base: state.base ?? event.base,
    attemptOpen: true,
  }
}

const lost = (state: TaskState, event: EventOf<"attempt.lost">): TaskState => {
  onTurn(state, event, turn => {
    stopClock(turn, event.at)
    turn.lostInRow += 1
    delete turn.worker
  })
  return { ...state, attemptOpen: false }
}

const used = (state: TaskState, event: EventOf<"usage.reported">): TaskState => {
  onTurn(state, event, turn => {
    turn.usage = addUsage(turn.usage, event)
  })
  return { ...state, usage: addUsage(state.usage, event) }
}

const cancelRequested = (state: TaskState, event: EventOf<"cancel.requested">): TaskState => {
  const { by, reason, scope, at, handOff } = event
  const cancel = { by, at, scope, ...(reason === undefined ? {} : { reason }), ...(handOff && { handOff }) }
  const concerned = ({ id, status }: TurnState) => !isFinal(status) && (scope === "task" || id === event.turn)
  changeTurns(state, concerned, turn => {
    turn.cancel = cancel
    turn.status = "canceling"
  })
  return state
}

const gateOpened = (state: TaskState, event: EventOf<"gate.opened">): TaskState => {
  onTurn(state, event, turn => {
    stopClock(turn, event.at)
    turn.status = "waiting"
    delete turn.worker
  })
  const { gate, kind, detail, subject, at } = event
  const open = {
    gate,
    turn: event.turn ?? "",
    kind,
    detail,
    openedAt: at,
    ...(subject === undefined ? {} : { subject }),
  }
  return { ...state, gates: [...state.gates, open], attemptOpen: false }
}

const gateDecided = (state: TaskState, event: EventOf<"gate.decided">): TaskState => {
  const open = state.gates.find(gate => gate.gate === event.gate)
  const { decision, note, by } = event
  if (open !== undefined && decision !== "closed") {
    onTurn(state, event, turn => {
      const { gate, kind, subject } = open
      turn.decisions.push({
        gate,
        kind,
        decision,
        by,
        ...(note === undefined ? {} : { note }),
        ...(subject === undefined ? {} : { subject }),
      })
      if (kind === "plan" && decision === "allow") turn.planAllowed = true
    })
  }
  const rest = { ...state, gates: state.gates.filter(gate => gate.gate !== event.gate) }
  return note === undefined ? rest : noted(rest, by)
}

/** Remembers whose note it was. */
const noted = (state: TaskState, by: Actor | undefined): TaskState => {
  const { notedBy = [] } = state
  return by === undefined || notedBy.includes(by.key) ? state : { ...state, notedBy: [...notedBy, by.key] }
}

const ended = (state: TaskState, event: EventOf<"turn.ended">): TaskState => {
  onTurn(state, event, turn => {
    stopClock(turn, event.at)
    turn.status = event.outcome.status
    turn.outcome = event.outcome
    turn.endedAt = event.at
    delete turn.worker
  })
  const allEnded = state.turns.every(turn => isFinal(turn.status))
  return { ...state, ...leftBehind(state), attemptOpen: false, ...(allEnded ? { endedAt: event.at } : {}) }
}
