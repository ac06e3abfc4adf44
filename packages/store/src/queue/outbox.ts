import type { Lane } from "@twolane/protocol"
import { type Context, refOf } from "../context.ts"
import { queueFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"

/** An effect on the list of things to do. */
export type Op = { ref: TaskRef; op: string }

const opMember = ({ ref, op }: Op): string => `${ref.team}/${ref.task}/${op}`

const call = async (context: Context, lane: Lane, args: readonly (string | number)[]) =>
  await withDeadline(context.run("queue-ops", [queueFamily(lane)], args))

/** The channel that says that there is something to do. */
export const opsChannel = (lane: Lane): string => `${queueFamily(lane)}ops-wake`

/** Lists an effect; `host` is the only one whose workers can do it, or null. */
export const addOp = async (context: Context, lane: Lane, op: Op, host: string | null): Promise<void> => {
  await call(context, lane, ["add", opMember(op), host ?? ""])
}

/** Takes the oldest effect that this host can do, and hides it for a while from the others; null when there is none. */
export const takeOp = async (
  context: Context,
  lane: Lane,
  host: string,
  hideMs: number,
): Promise<Op | null> => {
  const member = String(await call(context, lane, ["take", host, hideMs]))
  if (member === "") return null
  const slash = member.lastIndexOf("/")
  return { ref: refOf(member.slice(0, slash)), op: member.slice(slash + 1) }
}

/** Keeps an effect hidden that is still being done. */
export const extendOp = async (context: Context, lane: Lane, op: Op, hideMs: number): Promise<void> => {
  await call(context, lane, ["extend", opMember(op), hideMs])
}

/** Takes an effect off the list. */
export const removeOp = async (context: Context, lane: Lane, op: Op): Promise<void> => {
  await call(context, lane, ["done", opMember(op)])
}
