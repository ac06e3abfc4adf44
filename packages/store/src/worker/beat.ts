import type { Context, Timing } from "../context.ts"
import { queueFamily, taskKeys } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { every } from "../timer.ts"
import type { OwnAttempt } from "./attempt.ts"
import type { WorkerRecord } from "./doors.ts"
import { readDrained } from "./drain.ts"

/** What the beat carries: who the worker is now, and its attempts. */
export type Beating = {
  view: () => WorkerRecord
  attempts: () => Iterable<OwnAttempt>
  onBeat: () => void
  /** Told at each beat whether somebody drains the worker. */
  onDrained: (drained: boolean) => void
}

/**
 * Proves every attempt's lease each beat, on a connection of its own and with a deadline of 1 s (an awaited call would hang for a
 * whole partition). An attempt that could not be proven for the fence's time is aborted as `superseded`, by the monotonic
 * clock, in good time before its lease is over.
 */
export const startBeat = (context: Context, beating: Beating): AsyncDisposable => {
  const { beatMs } = context.timing
  return every(beatMs, {
    name: "beat",
    onError: context.onError,
    run: async () => {
      fence(context, beating.attempts())
      const mostMs = deadlineMs(context.timing)
      const results = await Promise.allSettled([
        readDrained(context, beating.view(), mostMs).then(beating.onDrained),
        sayHere(context, beating.view(), mostMs),
        ...[...beating.attempts()].map(attempt => prove(context, attempt)),
      ])
      fence(context, beating.attempts())
      for (const result of results) if (result.status === "rejected") context.onError(result.reason, "beat")
      beating.onBeat()
    },
  })
}

const deadlineMs = ({ fenceMs }: Timing): number => Math.min(1_000, fenceMs / 2)

/** Writes the worker's own record. */
export const sayHere = async (context: Context, view: WorkerRecord, timeoutMs?: number): Promise<void> => {
  const record = context.client.hset(`${queueFamily(view.lane)}workers`, view.id, JSON.stringify(view))
  await withDeadline(record, timeoutMs)
}

const prove = async (context: Context, attempt: OwnAttempt): Promise<void> => {
  const sentAt = performance.now()
  const keys = taskKeys(attempt)
  const { timing } = context
  const reply = await withDeadline(
    context.run("task-beat", [keys.state], [attempt.attempt, timing.leaseMs]),
    deadlineMs(timing),
  )
  const [word, last = "0-0"] = reply as [string, string?]
  if (word === "ok") return attempt.proved(sentAt, last)
  // Either a newer attempt owns the task, or this one's own last write has just ended the turn: the task itself tells.
  await attempt.refresh()
  const { attempt: newest, attemptOpen } = attempt.state()
  if (newest !== attempt.attempt || attemptOpen) attempt.abort({ by: "superseded" })
}

const fence = (context: Context, attempts: Iterable<OwnAttempt>): void => {
  const oldest = performance.now() - context.timing.fenceMs
  for (const attempt of attempts) if (attempt.provedAt() < oldest) attempt.abort({ by: "superseded" })
}
