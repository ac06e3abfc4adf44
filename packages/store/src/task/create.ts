import { setImmediate as nextTurn } from "node:timers/promises"
import type { Lane, TaskState } from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { CreateResult, NewTask } from "../port.ts"
import { foretellNew } from "../queue/foretell.ts"
import type { QueueAhead } from "../settle/ahead.ts"
import { gather } from "../settle/gather.ts"
import { clearMark, markDirty } from "../settle/marks.ts"
import type { Settle } from "../settle/settle.ts"
import { append, prepare, type Write } from "./append.ts"
import { beforeCreation, savePack } from "./packs.ts"
import { readTask } from "./read.ts"

/** What creating a task needs: `requeue` puts a task that was there already where its fold says. */
export type CreateParts = {
  settle: Settle
  /** Whether this process knows that nobody waits in a lane. */
  quiet: (lane: Lane) => boolean
  queueAhead: QueueAhead
  requeue: (state: TaskState) => Promise<void>
}

type Waiting = { task: NewTask; made: PromiseWithResolvers<CreateResult> }

/**
 * Makes the function that creates a task, or finds the one that has its id. What comes while one is being created is created together
 * after it, each lane for itself: then they share the mark, the count of who goes before them, and the calls to the queue.
 */
export const makeCreate = (
  context: Context,
  parts: CreateParts,
): ((task: NewTask) => Promise<CreateResult>) => {
  const send = gather<Waiting>(async (_lane, waiting) => {
    const [first] = waiting
    const results =
      first !== undefined && waiting.length === 1
        ? [createTask(context, parts, first.task)]
        : await createEach(
            context,
            parts,
            waiting.map(({ task }) => task),
          )
    for (const [index, { made }] of waiting.entries()) if (results[index]) made.resolve(results[index])
    await Promise.allSettled(results)
  })
  return async task => {
    const made = Promise.withResolvers<CreateResult>()
    await send(laneOf(task), [{ task, made }])
    return await made.promise
  }
}

const laneOf = ({ events }: NewTask): string => events.find(event => event.type === "turn.queued")?.lane ?? ""

/** Creates a task, or finds the one that has its id. */
const createTask = async (context: Context, parts: CreateParts, task: NewTask): Promise<CreateResult> => {
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
    return { ok: true, state: write.after, events: write.events }
  }
  // What waits to be sent must not come behind it.
  await queued?.catch(() => {})
  await ahead?.takeBack()
  return await findExisting(context, parts, write)
}

/** As `create` for many, in their order. */
export const createMany = async (
  context: Context,
  parts: CreateParts,
  tasks: readonly NewTask[],
): Promise<CreateResult[]> => await Promise.all(await createEach(context, parts, tasks))

/** So many are prepared and sent at a time: Redis works on them while the next ones are prepared. */
const atATime = 100

/** Each with a result of its own; those of a piece have one mark and one settling, and their task functions run side by side. */
const createEach = async (
  context: Context,
  parts: CreateParts,
  tasks: readonly NewTask[],
): Promise<Promise<CreateResult>[]> => {
  for (const task of tasks) await savePackOf(context, task)
  const placed = await foretellNew(
    context,
    parts.quiet,
    tasks.map(({ events }) => events),
  )
  const results: Promise<CreateResult>[] = []
  for (let at = 0; at < tasks.length; at += atATime) {
    if (at > 0) await nextTurn()
    const writes = tasks
      .slice(at, at + atATime)
      .map(({ team, task }, index) =>
        prepare({ ref: { team, task }, before: null, events: placed[at + index] ?? [] }),
      )
    const written = writeTogether(context, parts, writes)
    // They are awaited once all are on their way; until then a failure must not end the process.
    for (const result of written) result.catch(() => {})
    results.push(...written)
  }
  return results
}

const writeTogether = (context: Context, parts: CreateParts, writes: readonly Write[]) => {
  const marked = markDirty(context, writes)
  const appending = writes.map(async write => {
    if (context.cluster) await marked
    const [appended] = await Promise.all([append(context, write), marked])
    return appended
  })
  const settled = Promise.allSettled(appending).then(answers =>
    parts.settle(
      answers.flatMap((answer, index) => {
        const write = writes[index]
        if (write === undefined || answer.status === "rejected" || !answer.value.ok) return []
        return [{ write, host: answer.value.host }]
      }),
    ),
  )
  return writes.map(async (write, index): Promise<CreateResult> => {
    const appended = await appending[index]
    await settled
    if (appended?.ok !== true) return await findExisting(context, parts, write)
    return { ok: true, state: write.after, events: write.events }
  })
}

/** A create that was refused: the task that has its id, put where its fold says. */
const findExisting = async (context: Context, parts: CreateParts, write: Write): Promise<CreateResult> => {
  const state = await readTask(context, write.ref)
  if (state === null) throw new Error(`task ${write.ref.task} exists and cannot be read`)
  await parts.requeue(state)
  await clearMark(context, write)
  return { ok: false, why: "exists", state }
}

/** Before the task: whoever sees its checkpoint finds the pack. A task that is there already keeps the one that it has. */
const savePackOf = async (context: Context, { team, task, pack }: NewTask): Promise<void> => {
  if (pack !== undefined) await savePack(context, { team, task }, beforeCreation, pack)
}
