import { type EventType, type Lane, type TaskEvent, type TaskState, turnOf } from "@twolane/protocol"
import type { Metrics } from "./metrics.ts"

/** What a turn has reached in this process's sight. */
type Marks = { patches: number; green: boolean }

type Around = {
  metrics: Metrics
  lane: Lane
  marks: Marks
  state: TaskState
  /** From the turn's queueing to this event. */
  sinceQueuedSeconds: number
}

type EventOf<Type extends EventType> = Extract<TaskEvent, { type: Type }>
type Observers = { [Type in EventType]?: (around: Around, event: EventOf<Type>) => void }

/**
 * Records a process's own events in its metrics. Give it each event once, in the process that wrote it, with the state folded up to
 * and with that event.
 */
export const observeEvents = (metrics: Metrics): ((state: TaskState, event: TaskEvent) => void) => {
  const marksOfTurns = new Map<string, Marks>()
  return (state, event) => {
    const turn = turnOf(state, event.turn ?? "") ?? state.turns.at(-1)
    if (turn === undefined) return
    const marks = marksOfTurns.get(turn.id) ?? { patches: 0, green: false }
    const sinceQueuedSeconds = seconds(event.at - turn.queuedAt)
    // The table is keyed by `type`, so the observer found is the one for this event.
    const observer = observers[event.type] as ((around: Around, event: TaskEvent) => void) | undefined
    observer?.({ metrics, lane: turn.lane, marks, state, sinceQueuedSeconds }, event)
    if (turn.endedAt === undefined) marksOfTurns.set(turn.id, marks)
    else marksOfTurns.delete(turn.id)
  }
}

const seconds = (ms: number): number => Math.max(0, ms) / 1_000

const observers: Observers = {
  "turn.queued": ({ metrics, lane }, event) => {
    if (event.from === "base" && event.again === undefined) metrics.restarts.inc({ lane })
  },
  "turn.started": ({ metrics, lane, state, sinceQueuedSeconds }, event) => {
    if (turnOf(state, event.turn ?? "")?.attempts === 1)
      metrics.queueWait.observe({ lane }, sinceQueuedSeconds)
  },
  "attempt.lost": ({ metrics, lane }) => metrics.attemptsLost.inc({ lane }),
  "patch.applied": ({ metrics, lane, marks, sinceQueuedSeconds }) => {
    marks.patches += 1
    if (marks.patches === 1) metrics.timeToFirstEdit.observe({ lane }, sinceQueuedSeconds)
  },
  "tests.ended": ({ metrics, lane, marks, sinceQueuedSeconds }, event) => {
    metrics.tests.inc({ lane, status: event.status })
    if (event.status !== "passed" || marks.green) return
    marks.green = true
    metrics.timeToGreen.observe({ lane }, sinceQueuedSeconds)
    metrics.correctionCycles.observe({ lane }, marks.patches)
  },
  "usage.reported": ({ metrics, lane }, event) => {
    const model = metrics.modelLabel(event.model)
    metrics.tokens.inc({ lane, model, kind: "input" }, Math.max(0, event.inputTokens - event.cachedTokens))
    metrics.tokens.inc({ lane, model, kind: "cached" }, event.cachedTokens)
    metrics.tokens.inc({ lane, model, kind: "output" }, event.outputTokens)
    if (event.costUsd !== null) metrics.costUsd.inc({ lane, model }, event.costUsd)
    if (event.ttftMs !== null) metrics.timeToFirstToken.observe({ lane, model }, seconds(event.ttftMs))
  },
  "guardrail.tripped": ({ metrics, lane }, event) => metrics.guardrailTrips.inc({ lane, rule: event.rule }),
  "steer.accepted": ({ metrics }) => metrics.steers.inc({ status: "accepted" }),
  "steer.applied": ({ metrics }) => metrics.steers.inc({ status: "applied" }),
  "steer.rejected": ({ metrics }) => metrics.steers.inc({ status: "rejected" }),
  "cancel.requested": ({ metrics, lane }) => metrics.interrupts.inc({ lane }),
  "cancel.confirmed": ({ metrics, lane }, event) =>
    metrics.cancelToQuiet.observe({ lane }, seconds(event.ms)),
  "handoff.created": ({ metrics, lane }) => metrics.handoffs.inc({ lane }),
  "turn.ended": ({ metrics, lane, state }, event) => {
    const outcome = event.outcome.status
    metrics.turns.inc({ lane, outcome })
    const startedAt = turnOf(state, event.turn ?? "")?.startedAt
    if (startedAt !== undefined)
      metrics.turnDuration.observe({ lane, outcome }, seconds(event.at - startedAt))
  },
  "task.reviewed": ({ metrics, lane, state, sinceQueuedSeconds }, event) => {
    metrics.reviews.inc({ lane, decision: event.decision })
    metrics.loopTime.observe({ lane }, sinceQueuedSeconds)
    if (event.decision === "discarded") metrics.restarts.inc({ lane })
    else if (state.change !== undefined)
      metrics.acceptedLines.inc({ lane }, state.change.added + state.change.removed)
  },
}
