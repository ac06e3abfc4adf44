import { Postponed } from "@twolane/common"
import type { Context } from "../context.ts"
import type { Hub } from "../follow/hub.ts"
import type { WorkerOptions } from "../port.ts"
import { extendOp, type Op, opsChannel, removeOp, takeOp } from "../queue/outbox.ts"
import type { EffectResult } from "../task/effect.ts"
import { beginEffect, finishEffect, postponeEffect, type Sending, timesPostponed } from "../task/effects.ts"
import { readTask } from "../task/read.ts"
import { every } from "../timer.ts"
import { effectLane } from "../upkeep/repair.ts"

/** An effect whose worker is silent for this long is given to another one. */
const hideMs = 15_000
const extendMs = 5_000
/** An effect that broke its sender so often has failed. */
const mostTries = 5
/** One that is put off is tried again after this at the latest, and given up after a day. */
const longestWaitMs = 600_000
const mostPostponedMs = 86_400_000

/** Does the outbox's effects in this worker, one after another. */
export type Deliverer = {
  /** Looks whether there is something to do. */
  poke: () => void
  /** Waits for the effect that is being done, and takes no more. */
  stop: () => Promise<void>
}

/** Starts delivering. */
export const startDelivering = (context: Context, hub: Hub, worker: WorkerOptions): Deliverer => {
  const stopping = new AbortController()
  let running: Promise<void> | null = null
  let again = false
  const workOff = async () => {
    try {
      for (again = true; again && !stopping.signal.aborted; ) {
        again = false
        const op = await takeOp(context, effectLane, worker.host, hideMs)
        if (op === null) continue
        again = true
        await deliverOp(context, worker, op, stopping.signal)
      }
    } catch (error) {
      context.onError(error, "deliver an effect")
    } finally {
      running = null
    }
  }
  const poke = () => {
    again = true
    if (!stopping.signal.aborted) running ??= workOff()
  }
  const listening = hub.listen([opsChannel(effectLane)], poke).catch(error => {
    // The beat pokes as well.
    context.onError(error, "listen for effects")
    return () => {}
  })
  return {
    poke,
    stop: async () => {
      stopping.abort({ by: "shutdown" })
      const unlisten = await listening
      unlisten()
      await running
    },
  }
}

type Sent = { op: Op; sending: Extract<Sending, { what: "send" }> }

const deliverOp = async (
  context: Context,
  worker: WorkerOptions,
  op: Op,
  signal: AbortSignal,
): Promise<void> => {
  const sending = await beginEffect(context, op.ref, op.op)
  if (sending.what === "send") {
    const result = await hidden(context, op, () => resultOf(context, worker, { op, sending }, signal))
    if (result === null) return
    if ("againMs" in result) return await extendOp(context, effectLane, op, result.againMs)
    // A sender that another one replaced leaves the list to it.
    if (!(await finishEffect(context, op.ref, op.op, { fence: sending.fence, result }))) return
  }
  await removeOp(context, effectLane, op)
}

const hidden = async <Value>(context: Context, op: Op, act: () => Promise<Value>): Promise<Value> => {
  await using _hidden = every(extendMs, {
    name: "hide an effect",
    run: () => extendOp(context, effectLane, op, hideMs),
    onError: context.onError,
  })
  return await act()
}

/**
 * Null: it broke or was stopped, and stays on the list for another try, which looks first whether it was done. `againMs`: whoever it is
 * done at wants to be left alone for so long; the effects behind it go on.
 */
const resultOf = async (
  context: Context,
  worker: WorkerOptions,
  { op, sending }: Sent,
  signal: AbortSignal,
): Promise<EffectResult | { againMs: number } | null> => {
  const state = await readTask(context, op.ref)
  if (state === null) return { ok: false, code: "not-found", detail: "the task is gone" }
  try {
    return await worker.deliver(op.ref, state, sending.effect, signal)
  } catch (error) {
    if (signal.aborted) return null
    if (error instanceof Postponed) return await postpone(context, op, error)
    context.onError(error, "deliver an effect")
    if (sending.fence - (await timesPostponed(context, op.ref, op.op)) < mostTries) return null
    return { ok: false, code: "internal", detail: `it broke ${mostTries} times` }
  }
}

const postpone = async (
  context: Context,
  { ref, op }: Op,
  { message, afterMs }: Postponed,
): Promise<EffectResult | { againMs: number }> => {
  context.onError(new Error(message), "an effect is put off")
  if ((await postponeEffect(context, ref, op)) < mostPostponedMs)
    return { againMs: Math.min(Math.max(afterMs, 1_000), longestWaitMs) }
  return { ok: false, code: "publish-failed", detail: `given up after a day: ${message}` }
}
