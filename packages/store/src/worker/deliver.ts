import type { Context } from "../context.ts"
import type { Hub } from "../follow/hub.ts"
import type { WorkerOptions } from "../port.ts"
import { extendOp, type Op, opsChannel, removeOp, takeOp } from "../queue/outbox.ts"
import type { EffectResult } from "../task/effect.ts"
import { beginEffect, finishEffect, type Sending } from "../task/effects.ts"
import { readTask } from "../task/read.ts"
import { every } from "../timer.ts"
import { effectLane } from "../upkeep/repair.ts"

/** An effect whose worker is silent for this long is given to another one. */
const hideMs = 15_000
const extendMs = 5_000
/** An effect that broke its sender so often has failed. */
const mostTries = 5

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

const deliverOp = async (
  context: Context,
  worker: WorkerOptions,
  op: Op,
  signal: AbortSignal,
): Promise<void> => {
  const sending = await beginEffect(context, op.ref, op.op)
  if (sending.what === "send") {
    await using _hidden = every(extendMs, {
      name: "hide an effect",
      run: () => extendOp(context, effectLane, op, hideMs),
      onError: context.onError,
    })
    const result = await resultOf(context, worker, { op, sending }, signal)
    if (result === null) return
    // A sender that another one replaced leaves the list to it.
    if (!(await finishEffect(context, op.ref, op.op, { fence: sending.fence, result }))) return
  }
  await removeOp(context, effectLane, op)
}

/** Null: it broke or was stopped, and stays on the list for another try, which looks first whether it was done. */
const resultOf = async (
  context: Context,
  worker: WorkerOptions,
  { op, sending }: { op: Op; sending: Extract<Sending, { what: "send" }> },
  signal: AbortSignal,
): Promise<EffectResult | null> => {
  const state = await readTask(context, op.ref)
  if (state === null) return { ok: false, code: "not-found", detail: "the task is gone" }
  try {
    return await worker.deliver(op.ref, state, sending.effect, signal)
  } catch (error) {
    if (signal.aborted) return null
    context.onError(error, "deliver an effect")
    if (sending.fence < mostTries) return null
    return { ok: false, code: "internal", detail: `it broke ${mostTries} times` }
  }
}
