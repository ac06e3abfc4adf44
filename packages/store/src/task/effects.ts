import { type Context, fromJson } from "../context.ts"
import type { Hub } from "../follow/hub.ts"
import { makeMailbox } from "../follow/mailbox.ts"
import { taskKeys } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Effect, EffectResult } from "./effect.ts"

/** What a sender finds: its right to send, by a number that makes all older senders stale; or nothing to do. */
export type Sending = { what: "send"; fence: number; effect: Effect } | { what: "done" | "absent" }

/** Marks an effect as being sent. */
export const beginEffect = async (context: Context, ref: TaskRef, op: string): Promise<Sending> => {
  const reply = await withDeadline(context.run("task-effect", [taskKeys(ref).effects], ["begin", op]))
  const [what, fence, row] = reply as ["send" | "done" | "absent", number?, string?]
  if (what !== "send" || fence === undefined || row === undefined)
    return { what: what === "done" ? "done" : "absent" }
  return { what, fence, effect: fromJson<Effect>(row) }
}

/** Records an effect's result, once; false from a sender that another one replaced. */
export const finishEffect = async (
  context: Context,
  ref: TaskRef,
  op: string,
  sent: { fence: number; result: EffectResult },
): Promise<boolean> => {
  const keys = taskKeys(ref)
  const args = ["finish", op, sent.fence, JSON.stringify(sent.result), keys.live]
  return (await withDeadline(context.run("task-effect", [keys.effects], args))) === 1
}

/** Counts that an effect was put off, and answers since when it has been, in ms. */
export const postponeEffect = async (context: Context, ref: TaskRef, op: string): Promise<number> => {
  const key = taskKeys(ref).effects
  const now = context.now()
  await withDeadline(
    context.client.multi().hincrby(key, `${op}:postponed`, 1).hsetnx(key, `${op}:since`, now).exec(),
  )
  return now - Number((await withDeadline(context.client.hget(key, `${op}:since`))) ?? now)
}

/** How often an effect was put off: those tries do not count. */
export const timesPostponed = async (context: Context, ref: TaskRef, op: string): Promise<number> =>
  Number((await withDeadline(context.client.hget(taskKeys(ref).effects, `${op}:postponed`))) ?? 0)

/** The ops of a task that have no result yet. */
export const openEffects = async (context: Context, ref: TaskRef): Promise<string[]> => {
  const rows = await withDeadline(context.client.hkeys(taskKeys(ref).effects))
  return rows.filter(op => !op.includes(":") && !rows.includes(`${op}:result`))
}

/** Waits for an effect's result; null when there is none in time. */
export const awaitEffect = async (
  context: Context,
  hub: Hub,
  target: { ref: TaskRef; op: string; timeoutMs: number },
  signal: AbortSignal,
): Promise<EffectResult | null> => {
  const { ref, op, timeoutMs } = target
  const keys = taskKeys(ref)
  const within = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(timeoutMs))])
  using box = makeMailbox<string>(1_000, within)
  const stop = await hub.listen([keys.live], box.put)
  try {
    for (let over = false; ; over = (await box.take()) === undefined) {
      const result = await withDeadline(context.client.hget(keys.effects, `${op}:result`))
      if (result !== null) return fromJson<EffectResult>(result)
      if (over) return null
    }
  } finally {
    stop()
  }
}
