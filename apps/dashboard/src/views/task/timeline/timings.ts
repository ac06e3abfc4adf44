import type { TaskDelta, TaskEvent } from "@twolane/protocol"

/** How long after its request a turn reached each mark, in ms, by the gateway's clock; null: not yet. */
export type Timings = {
  turn: string | null
  askedAt: number
  firstTokenMs: number | null
  /** Whether the first token's time is the one that its model call has told. */
  exact: boolean
  firstEditMs: number | null
  greenMs: number | null
  endedMs: number | null
}

const untimed: Omit<Timings, "turn" | "askedAt"> = {
  firstTokenMs: null,
  exact: false,
  firstEditMs: null,
  greenMs: null,
  endedMs: null,
}

/** No turn was asked for. */
export const noTimings: Timings = { turn: null, askedAt: 0, ...untimed }

/**
 * Goes on with what came. A further turn that waits behind an open one is timed once that has ended. Text that is live only tells of the
 * first token to who has watched since the turn was asked for (`since`, epoch ms); others learn it from the model call's own figures.
 */
export const foldTimings = (
  timings: Timings,
  news: readonly (TaskEvent | TaskDelta)[],
  since: number,
): Timings => news.reduce((before, one) => foldOne(before, one, since), timings)

/** How far the reader's clock and the gateway's may be apart. */
const clocksMs = 2_000

const foldOne = (timings: Timings, one: TaskEvent | TaskDelta, since: number): Timings => {
  if (one.type === "turn.queued")
    return one.again === undefined && (timings.turn === null || timings.endedMs !== null)
      ? { turn: one.turn, askedAt: one.at, ...untimed }
      : timings
  if (one.type === "turn.started" && one.turn !== timings.turn && timings.endedMs !== null)
    return { turn: one.turn, askedAt: one.at, ...untimed }
  if (one.turn !== timings.turn) return timings
  const ms = one.at - timings.askedAt
  switch (one.type) {
    case "message.delta":
    case "tool.delta":
      if (timings.askedAt < since - clocksMs || ("call" in one && one.call === "tests")) return timings
      return { ...timings, firstTokenMs: timings.firstTokenMs ?? ms }
    case "usage.reported":
      if (timings.exact || one.ttftMs === null) return timings
      return { ...timings, exact: true, firstTokenMs: Math.max(0, ms - one.durationMs + one.ttftMs) }
    case "message.done":
    case "tool.started":
      return { ...timings, firstTokenMs: timings.firstTokenMs ?? ms }
    case "patch.applied":
      return { ...timings, firstEditMs: timings.firstEditMs ?? ms }
    case "tests.ended":
      return one.status === "passed" ? { ...timings, greenMs: timings.greenMs ?? ms } : timings
    case "turn.ended":
      return { ...timings, endedMs: ms }
    default:
      return timings
  }
}
