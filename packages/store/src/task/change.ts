import { Fault, type Lane, type TaskState } from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { Change, ChangeResult, NewTask, TaskRef } from "../port.ts"
import { foretell, foretellNew } from "../queue/foretell.ts"
import type { QueueAhead } from "../settle/ahead.ts"
import { clearMark, markDirty } from "../settle/marks.ts"
import type { Settle } from "../settle/settle.ts"
import { type Appended, append, prepare, type Wish, type Write } from "./append.ts"
import { withHandoff } from "./handoffs.ts"
import { beforeCreation, savePack } from "./packs.ts"
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
    if (appended.why === "stale" || appended.why === "absent" || appended.why === "leased")
      return { ok: false, why: appended.why }
  }
  throw new Fault("conflict", `task ${task} changed ${maxTries} times while it was to be written`)
}

/** What creating a task needs: `requeue` puts a task that was there already where its fold says. */
export type CreateParts = {
  settle: Settle
  /** Whether this process knows that nobody waits in a lane. */
  quiet: (lane: Lane) => boolean
  queueAhead: QueueAhead
  requeue: (state: TaskState) => Promise<void>
}

/** Creates a task, or finds the one that has its id. */
export const createTask = async (context: Context, parts: CreateParts, task: NewTask) => {
  const ref = { team: task.team, task: task.task }
  await savePackOf(context, task)
  const [events = []] = await foretellNew(context, parts.quiet, [task.events])
  const write = prepare({ ref, before: null, events })
  const ahead = await parts.queueAhead(write)
  const marked = markDirty(context, [write])
  if (context.cluster) await marked
  const appending = append(context, write)
  const queued = ahead?.send()
  // Its failure is told by the settling; when the write itself fails, its mark leaves the rest to the sweep.
  queued?.catch(() => {})
  const [appended] = await Promise.all([appending, marked])
  if (appended.ok) {
    await parts.settle([{ write, host: appended.host, ...(queued && { queued }) }])
    return { ok: true as const, state: write.after, events: write.events }
  }
  const state = await existing(context, ref)
  // What waits to be sent must not come behind it.
  await queued?.catch(() => {})
  await ahead?.takeBack()
  await parts.requeue(state)
  await clearMark(context, write)
  return { ok: false as const, why: "exists" as const, state }
}

/** Creates many: one mark, one settling for each structure, and the task functions side by side. */
export const createTasks = async (
  context: Context,
  { settle, quiet }: CreateParts,
  tasks: readonly NewTask[],
) => {
  for (const task of tasks) await savePackOf(context, task)
  const placed = await foretellNew(
    context,
    quiet,
    tasks.map(({ events }) => events),
  )
  const writes = tasks.map(({ team, task }, index) =>
    prepare({ ref: { team, task }, before: null, events: placed[index] ?? [] }),
  )
  const marked = markDirty(context, writes)
  if (context.cluster) await marked
  const appended = await Promise.all([marked, ...writes.map(write => append(context, write))])
  const [, ...answers] = appended
  await settle(
    writes.flatMap((write, index) => {
      const answer = answers[index]
      return answer?.ok === true ? [{ write, host: answer.host }] : []
    }),
  )
  return await Promise.all(
    writes.map(async (write, index) =>
      answers[index]?.ok === true
        ? { ok: true as const, state: write.after }
        : { ok: false as const, why: "exists" as const, state: await existing(context, write.ref) },
    ),
  )
}

/** Before the task: whoever sees its checkpoint finds the pack. A task that is there already keeps the one that it has. */
const savePackOf = async (context: Context, { team, task, pack }: NewTask): Promise<void> => {
  if (pack !== undefined) await savePack(context, { team, task }, beforeCreation, pack)
}

const existing = async (context: Context, ref: TaskRef): Promise<TaskState> => {
  const state = await readTask(context, ref)
  if (state === null) throw new Error(`task ${ref.task} exists and cannot be read`)
  return state
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
