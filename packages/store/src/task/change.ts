import { Fault } from "@twolane/protocol"
import { bringBack } from "../archive/bring-back.ts"
import type { Context } from "../context.ts"
import type { Change, ChangeResult } from "../port.ts"
import { foretell } from "../queue/foretell.ts"
import { clearMark, markDirty } from "../settle/marks.ts"
import type { Settle } from "../settle/settle.ts"
import { type Appended, append, prepare, type Wish, type Write } from "./append.ts"
import { withHandoff } from "./handoffs.ts"
import { readTask } from "./read.ts"

/** A caller that lost this many races in a row is told to come again. */
const maxTries = 50

/** Reads, asks, compares and appends until it holds; see `Change`. */
export const changeTask = async (
  context: Context,
  settle: Settle,
  change: Change & { mode?: "over" },
): Promise<ChangeResult | { ok: false; why: "leased" }> => {
  const { team, task, attempt, transcript, effect, decide, mode } = change
  const ref = { team, task }
  for (let tries = 0; tries < maxTries; tries++) {
    const before = await readTask(context, ref)
    if (before === null) return { ok: false, why: "absent" }
    const decided = decide(before, context.now())
    if (decided.length === 0 && transcript === undefined && effect === undefined)
      return { ok: true, state: before, events: [] }
    const placed = await foretell(context, before, decided)
    const events = await withHandoff(context, ref, before, placed)
    const wish: Wish = { ref, before, events, attempt, transcript, effect, ...(mode && { mode }) }
    const write = prepare(wish)
    const appended = await writeAndSettle(context, settle, write)
    if (appended.ok) return { ok: true, state: write.after, events: write.events }
    if (appended.why === "absent" && (await bringBack(context, ref))) continue
    if (appended.why === "stale" || appended.why === "absent" || appended.why === "leased")
      return { ok: false, why: appended.why }
  }
  throw new Fault("conflict", `task ${task} changed ${maxTries} times while it was to be written`)
}

/**
 * One write with all that follows from it. The dirty mark is set before and cleared by the settling: a crash between leaves it for
 * the sweep. On one connection Redis runs mark and write in that order without waiting for the first answer.
 */
export const writeAndSettle = async (context: Context, settle: Settle, write: Write): Promise<Appended> => {
  const { appended, settled } = await writeThenSettle(context, settle, write)
  await settled
  return appended
}

/** As `writeAndSettle`, for a writer that goes on while the rest settles; `settled` never rejects. */
export const writeThenSettle = async (
  context: Context,
  settle: Settle,
  write: Write,
): Promise<{ appended: Appended; settled: Promise<void> }> => {
  const marked = markDirty(context, [write])
  if (context.cluster) await marked
  const [appended] = await Promise.all([append(context, write), marked])
  if (!appended.ok) await clearMark(context, write)
  return { appended, settled: appended.ok ? settle([{ write, host: appended.host }]) : Promise.resolve() }
}
