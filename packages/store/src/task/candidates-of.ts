import {
  beforeFirst,
  type GroupOf,
  lastTurn,
  type NewEvent,
  parseEventId,
  type TaskState,
  type TurnState,
} from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { NewTask } from "../port.ts"
import { beforeCreation, readPack, savePack } from "./packs.ts"
import { readEvents } from "./read.ts"

type Pack = NonNullable<NewTask["pack"]>

/** What the caller brought, for candidates that are about to be made; one that is there keeps what it has. */
export const givePack = async (
  context: Context,
  team: string,
  tasks: readonly string[],
  pack: Pack,
): Promise<void> => {
  for (const task of tasks) await savePack(context, { team, task }, beforeCreation, pack)
}

/** Other candidates' tasks as they follow from the first one, each with the change that the caller brought. */
export const candidatesOf = async (
  context: Context,
  first: TaskState,
  tasks: readonly string[],
  trace: string | undefined,
): Promise<NewTask[]> => {
  const { team, id } = first
  const begun = await readEvents(context, { team, task: id }, { after: beforeFirst, limit: firstEvents })
  const brought = begun.find(
    event => event.type === "checkpoint.saved" && parseEventId(event.id).attempt === 0,
  )
  if (brought?.type !== "checkpoint.saved") return tasks.map(task => candidateOf(first, task, trace))
  await givePackOfFirst(context, first, tasks)
  return tasks.map((task): NewTask => {
    const made = candidateOf(first, task, trace)
    const { files, diff, checkpoint, whole } = brought
    const turn = turnOf(task)
    return {
      ...made,
      events: [
        ...made.events,
        { type: "checkpoint.saved", files, diff, checkpoint, whole, turn, at: brought.at },
      ],
    }
  })
}

/** A task is created with its first turn, and with what its caller brought. */
const firstEvents = 3

/** Packs of candidates that were not made within a day are gone: any of the first one's has what it began with. */
const givePackOfFirst = async (
  context: Context,
  { team, id }: TaskState,
  tasks: readonly string[],
): Promise<void> => {
  const packs = await Promise.all(tasks.map(task => readPack(context, { team, task })))
  const without = tasks.filter((_, index) => packs[index] === null)
  const pack = without.length === 0 ? null : await readPack(context, { team, task: id })
  if (pack !== null) await givePack(context, team, without, pack)
}

const turnOf = (task: string): string => task.replace(/^task_/, "turn_")

/** Another candidate's task, as it follows from the first one. */
const candidateOf = (first: TaskState, task: string, trace?: string): NewTask => {
  const turn = first.turns[0] ?? lastTurn(first)
  const candidate = first.group?.candidates.find(other => other.task === task)
  if (turn === undefined || candidate === undefined) throw new Error(`${task} is no candidate of ${first.id}`)
  const { team, repo, title, prompt, by, origin, labels, priority, baseRef, baseAtSubmit, group } = first
  const created: NewEvent = {
    type: "task.created",
    team,
    repo,
    title,
    prompt,
    by,
    origin,
    labels,
    priority,
    baseAtSubmit,
    ...(group === undefined ? {} : { group }),
    base: baseRef,
    turn: null,
    at: first.createdAt,
  }
  const queued = queuedAs(turn, task, candidate, first.createdAt)
  return { team, task, events: [created, { ...queued, ...(trace === undefined ? {} : { trace }) }] }
}

const queuedAs = (
  { prompt, by, options: { model: _itsOwn, ...options }, notBefore, startBy, after }: TurnState,
  task: string,
  { lane, model }: GroupOf["candidates"][number],
  at: number,
): Extract<NewEvent, { type: "turn.queued" }> => ({
  type: "turn.queued",
  lane,
  position: null,
  reason: lane === "fast" ? "waits for a fast worker" : "waits for a deep worker",
  prompt,
  by,
  options: { ...options, ...(model === undefined ? {} : { model }) },
  ...(notBefore === undefined ? {} : { notBefore }),
  ...(startBy === undefined ? {} : { startBy }),
  ...(after === undefined ? {} : { after: [...after] }),
  turn: turnOf(task),
  at,
})
