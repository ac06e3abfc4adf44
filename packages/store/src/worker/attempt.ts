import type { EventId } from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { Hub } from "../follow/hub.ts"
import type { AbortCause, Attempt } from "../port.ts"
import type { Settle } from "../settle/settle.ts"
import { readTranscript } from "../task/read.ts"
import type { Claimed } from "./claim.ts"
import type { LiveText } from "./deltas.ts"
import { makeHold } from "./hold.ts"
import { watchTask } from "./watch.ts"
import { makeWriter } from "./write.ts"

/** An attempt with what only the worker around it uses. */
export type OwnAttempt = Attempt & {
  /** A beat that was sent then succeeded, and said what the task's last event is. */
  proved: (sentAt: number, last: EventId) => void
  /** Reads the task again. */
  refresh: () => Promise<void>
  abort: (cause: AbortCause) => void
  /** Whether it may write nothing more. */
  lost: () => boolean
  /** Ends listening, and waits until everything written has settled. */
  close: () => Promise<void>
}

/** The handle of a claimed turn. */
export const openAttempt = (
  context: Context,
  parts: { hub: Hub; settle: Settle; liveText: LiveText },
  claimed: Claimed,
): OwnAttempt => {
  const { turn, attempt, write: claim } = claimed
  const hold = makeHold()
  const watch = watchTask(context, parts.hub, claim, turn, hold)
  const deltas = parts.liveText.open({ ref: claim.ref, turn, attempt })
  const writer = makeWriter(context, { settle: parts.settle, watch, hold, deltas }, claimed.settled)
  let provedAt = claimed.sentAt
  return {
    ...claim.ref,
    turn,
    attempt,
    signal: hold.signal,
    state: watch.state,
    changed: signal => untilChanged(watch.changed(), signal),
    write: writer.write,
    transcript: (from = 0) => writer.insist(() => readTranscript(context, claim.ref, from)),
    insist: writer.insist,
    delta: deltas.put,
    now: context.now,
    provedAt: () => Math.max(provedAt, writer.provedAt()),
    proved: (sentAt, last) => {
      provedAt = Math.max(provedAt, sentAt)
      watch.follow(last)
    },
    refresh: watch.refresh,
    abort: hold.abort,
    lost: () => hold.lost.aborted,
    close: async () => {
      await writer.idle()
      await watch.stop()
      deltas.flush()
    },
  }
}

const untilChanged = async (change: Promise<void>, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener("abort", onAbort, { once: true })
  try {
    await Promise.race([change, aborted.promise])
  } finally {
    signal.removeEventListener("abort", onAbort)
  }
}
