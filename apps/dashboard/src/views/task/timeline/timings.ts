import type { TaskDelta, TaskEvent } from "@twolane/protocol"

/** How long after its request a turn reached each mark, in ms, by the gateway's clock; null: not yet. */
export type Timings = {
  turn: string | null
  askedAt: number
  firstTokenMs: number | null
  firstEditMs: number | null
  greenMs: number | null
  endedMs: number | null
}

const untimed: Omit<Timings, "turn" | "askedAt"> = {
  firstTokenMs: null,
  firstEditMs: null,
  greenMs: null,
  endedMs: null,
}

/** No turn was asked for. */
export const noTimings: Timings = { turn: null, askedAt: 0, ...untimed }

/** Goes on with what came. A further turn that waits behind an open one is timed once that has ended. */
export const foldTimings = (timings: Timings, news: readonly (TaskEvent | TaskDelta)[]): Timings =>
  news.reduce(foldOne, timings)

const foldOne = (timings: Timings, one: TaskEvent | TaskDelta): Timings => {
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
    case "message.done":
    case "tool.started":
      return { ...timings, firstTokenMs: timings.firstTokenMs ?? ms }
    case "tool.delta":
      return one.call === "tests" ? timings : { ...timings, firstTokenMs: timings.firstTokenMs ?? ms }
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
