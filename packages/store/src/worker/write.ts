import { isFault, type TaskEvent, type TranscriptEntry } from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { Attempt } from "../port.ts"
import { sendGathered } from "../redis/gather-writes.ts"
import type { Settle } from "../settle/settle.ts"
import { prepare, type Write } from "../task/append.ts"
import { writeThenSettle } from "../task/change.ts"
import { mayHandOver, withHandoff } from "../task/handoffs.ts"
import { pause } from "../timer.ts"
import type { DeltaSink } from "./deltas.ts"
import type { Hold } from "./hold.ts"
import type { Watch } from "./watch.ts"

/** The writing half of an attempt: one write at a time, in the order they were asked for. */
export type Writer = {
  write: Attempt["write"]
  /** Calls until Redis answers, or the attempt is lost. */
  insist: <Value>(call: () => Promise<Value>) => Promise<Value>
  /** When the last write that proved the lease was sent (monotonic, ms). */
  provedAt: () => number
  /** Resolves when all is written and settled. */
  idle: () => Promise<void>
}

const retryMs = 200

/** Makes the writer of an attempt; `settled` is that of its claim. */
export const makeWriter = (
  context: Context,
  parts: { settle: Settle; watch: Watch; hold: Hold; deltas: DeltaSink },
  settled: Promise<void>,
): Writer => {
  const { watch, hold, deltas, settle } = parts
  let settling: Promise<void> | null = null
  let tail: Promise<unknown> = Promise.resolve()
  let under = 0
  let provedAt = 0
  const settleFirst = (later: Promise<void>) => {
    settling = later
    const over = () => {
      if (settling === later) settling = null
    }
    later.then(over, over)
  }
  settleFirst(settled)

  const insist = async <Value>(call: () => Promise<Value>): Promise<Value> => {
    for (;;) {
      hold.lost.throwIfAborted()
      try {
        return await call()
      } catch (error) {
        if (!isFault(error, "store-unavailable")) throw error
        await pause(retryMs, hold.lost)
      }
    }
  }
  const store = async (write: Write): Promise<boolean> => {
    watch.expect(write)
    const sentAt = performance.now()
    const { appended, settled: later } = await writeThenSettle(context, settle, write)
    if (appended.ok) {
      settleFirst(later)
      provedAt = sentAt
      watch.took(write)
      return true
    }
    if (appended.why !== "moved") hold.abort({ by: "superseded" })
    hold.lost.throwIfAborted()
    return false
  }
  const writeNow = async (
    wanted: Parameters<Attempt["write"]>[0],
    transcript: readonly TranscriptEntry[] | undefined,
  ): Promise<TaskEvent[]> => {
    for (;;) {
      hold.lost.throwIfAborted()
      if (settling !== null) await settling
      const state = watch.state()
      const said = typeof wanted === "function" ? wanted(state, context.now()) : wanted
      if (said.length === 0 && transcript === undefined) return []
      deltas.flush()
      const ref = { team: state.team, task: state.id }
      const events = mayHandOver(said) ? await insist(() => withHandoff(context, ref, state, said)) : said
      const write = prepare({
        ref,
        before: state,
        events,
        attempt: state.attempt,
        transcript,
      })
      try {
        // The same write under the same nonce: one whose answer was lost is not done twice.
        if (await insist(() => store(write))) return write.events
      } finally {
        watch.expect(null)
      }
      await insist(watch.refresh)
    }
  }
  return {
    write: (wanted, { transcript, atOnce = false } = {}) => {
      // With nothing before it a write is on its way when this returns: whoever also has something to stop does so beside it.
      const written =
        under === 0 ? writeNow(wanted, transcript) : tail.then(() => writeNow(wanted, transcript))
      under += 1
      if (atOnce) sendGathered(context.client)
      const over = () => {
        under -= 1
      }
      // Of a failure its caller hears; the next write goes on.
      tail = written.then(over, over)
      return written
    },
    insist,
    provedAt: () => provedAt,
    idle: async () => {
      await tail
      await settling
    },
  }
}
