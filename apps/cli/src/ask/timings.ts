import { duration } from "@twolane/common/words"
import type { TaskDelta, TaskEvent } from "@twolane/protocol"

/** When a turn reached its marks, seen from here, in milliseconds since it was asked for; null before it did. */
export type Timings = {
  readonly askedAt: number
  readonly firstTokenMs: number | null
  readonly firstEditMs: number | null
  readonly greenMs: number | null
  readonly endedMs: number | null
}

/** A turn that was asked for now (epoch ms, or any clock that only rises). */
export const askedAt = (now: number): Timings => ({
  askedAt: now,
  firstTokenMs: null,
  firstEditMs: null,
  greenMs: null,
  endedMs: null,
})

/** The timings after an event or a delta came. A turn that starts after the end of one is measured from there. */
export const timed = (timings: Timings, event: TaskEvent | TaskDelta, now: number): Timings => {
  const ms = Math.round(now - timings.askedAt)
  switch (event.type) {
    case "message.delta":
      return { ...timings, firstTokenMs: timings.firstTokenMs ?? ms }
    case "tool.delta":
      return event.call === "tests" ? timings : { ...timings, firstTokenMs: timings.firstTokenMs ?? ms }
    case "patch.applied":
      return { ...timings, firstEditMs: timings.firstEditMs ?? ms }
    case "tests.ended":
      return event.status === "passed" ? { ...timings, greenMs: timings.greenMs ?? ms } : timings
    case "turn.ended":
      return { ...timings, endedMs: ms }
    case "turn.queued":
    case "turn.started":
      return timings.endedMs === null ? timings : askedAt(now)
    default:
      return timings
  }
}

/** All on one line: `first token 45 ms · first edit 310 ms · green 1.2 s · ended 1.2 s`. */
export const timingWords = ({ firstTokenMs, firstEditMs, greenMs, endedMs }: Timings): string => {
  const mark = (name: string, ms: number | null, never: string) =>
    ms === null ? never : `${name} ${duration(ms)}`
  return [
    mark("first token", firstTokenMs, "no token"),
    mark("first edit", firstEditMs, "no edit"),
    mark("green", greenMs, "not green"),
    mark("ended", endedMs, "not ended"),
  ].join(" · ")
}
