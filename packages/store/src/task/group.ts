import {
  firstOfGroup,
  type GroupOf,
  groupOfFirst,
  judgeCandidate,
  siblingId,
  type TaskState,
} from "@twolane/protocol"
import type { Context } from "../context.ts"
import type { CreateResult, NewTask, TaskRef } from "../port.ts"
import { clearMarks, markTasks } from "../settle/marks.ts"
import type { Settle } from "../settle/settle.ts"
import { candidatesOf, givePack } from "./candidates-of.ts"
import { changeTask } from "./change.ts"
import { readTask, readTasks } from "./read.ts"

/**
 * A group's candidates are tasks of their own, so that no one function could write them together. The first one is written before all
 * others, with the whole group in its first event, and whoever finds it makes those that are missing out of it, here or after a crash: so
 * there is one way to make them.
 */
export type Groups = {
  /** Creates a group by its first task, or finds the one that has its id; answers with the tasks of all candidates. */
  create: (first: NewTask) => Promise<TaskState[]>
  /** Makes those candidates that are missing; answers with the tasks of all. */
  complete: (first: TaskState, trace?: string) => Promise<TaskState[]>
  /** Writes what becomes of the candidates by what they came to; see `judgeCandidate`. */
  judge: (ref: TaskRef, group: GroupOf | undefined) => Promise<void>
  /** Looks after the group of a task that is there, or that should be. */
  repair: (ref: TaskRef, state: TaskState | null) => Promise<"none" | "done">
}

/** Its candidates are made within moments, or by the sweep of whoever starts next. */
const madeWithinMs = 2 * 86_400_000

/** What groups need of their neighbours. */
export type GroupParts = {
  settle: Settle
  createMany: (tasks: readonly NewTask[]) => Promise<CreateResult[]>
}

/** Makes the calls about groups. */
export const makeGroups = (context: Context, { settle, createMany }: GroupParts): Groups => {
  const complete: Groups["complete"] = async (first, trace) => {
    const { team, group } = first
    if (group === undefined) return [first]
    const ids = group.candidates.map(({ task }) => task)
    const states = await readTasks(context, team, ids)
    // What is not there after days was there, and was deleted from the archive.
    const isNew = context.now() - first.createdAt < madeWithinMs
    const missing = ids.filter((_, index) => isNew && states[index] === null)
    const made =
      missing.length === 0 ? [] : await createMany(await candidatesOf(context, first, missing, trace))
    const all = new Map([...states, ...made.map(({ state }) => state)].map(state => [state?.id, state]))
    return ids.flatMap(id => all.get(id) ?? [])
  }
  const judge: Groups["judge"] = async ({ team }, group) => {
    if (group === undefined) return
    const ids = group.candidates.map(({ task }) => task)
    const states = (await readTasks(context, team, ids)).filter(state => state !== null)
    const decide = (state: TaskState, now: number) =>
      judgeCandidate(
        state,
        states.filter(({ id }) => id !== state.id),
        now,
      )
    const concerned = states.filter(state => decide(state, context.now()).length > 0)
    await Promise.all(concerned.map(({ id }) => changeTask(context, settle, { team, task: id, decide })))
  }
  return {
    complete,
    judge,
    create: async first => {
      // Before the first one: whoever dies behind it leaves the others to the sweep.
      const marks = restOf(first).map(markOfMissing)
      await markTasks(context, first.team, marks)
      if (first.pack !== undefined) await givePack(context, first.team, restOf(first), first.pack)
      const [made] = await createMany([first])
      if (made === undefined) throw new Error(`${first.task} was neither made nor found`)
      const states = await complete(made.state, traceOf(first))
      await clearMarks(context, first.team, marks)
      return states
    },
    repair: async (ref, state) => {
      const first = await readFirst(context, ref, state)
      if (first?.group?.candidates.some(({ task }) => task === ref.task) !== true) return "none"
      await complete(first)
      await judge(ref, first.group)
      return "done"
    },
  }
}

/** A task that is not there says of its group no more than its id does. */
const readFirst = async (context: Context, ref: TaskRef, state: TaskState | null) => {
  if (state !== null && state.group === undefined) return null
  const first = state?.group === undefined ? siblingId(ref.task, 0) : firstOfGroup(state.group.id)
  return first === state?.id ? state : await readTask(context, { team: ref.team, task: first })
}

const restOf = ({ task, events }: NewTask): string[] =>
  events.flatMap(event =>
    event.type !== "task.created" || event.group?.id !== groupOfFirst(task)
      ? []
      : event.group.candidates.map(candidate => candidate.task).filter(id => id !== task),
  )

const traceOf = ({ events }: NewTask): string | undefined =>
  events.find(event => event.type === "turn.queued")?.trace

const markOfMissing = (task: string): string => `${task}/group`
