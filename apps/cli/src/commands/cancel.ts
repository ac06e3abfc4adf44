import type { TaskQuery } from "@twolane/client"
import { oneLine } from "@twolane/common/clean"
import { taskLine } from "@twolane/common/words"
import type { Task, TurnStatus } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes, UsageError } from "../exit.ts"
import { cancelGroupCommand, isGroupId } from "./candidates.ts"

/** Which open tasks to cancel where none is named. */
export type CancelFilter = Pick<TaskQuery, "lane" | "repo" | "label" | "by"> & {
  status?: (typeof open)[number] | undefined
}
type CancelOptions = CancelFilter & { reason?: string | undefined; yes?: boolean | undefined }

const open = ["queued", "running", "waiting"] as const satisfies readonly TurnStatus[]
/** The most that one request takes. */
const atOnce = 500
const perPage = 200
/** So many are shown before they are canceled. */
const mostShown = 20

/** `twolane cancel`: ends every open turn of a task, of a group, of several tasks, or of all that a filter leaves. */
export const cancelCommand = async (
  context: Context,
  ids: readonly string[],
  { reason, yes = false, ...filter }: CancelOptions,
): Promise<number> => {
  const filtered = Object.values(filter).some(value => value !== undefined)
  if (ids.length > 0 && filtered)
    throw new UsageError("Name tasks, or say which by --lane, --repo, --label, --by and --status; not both.")
  if (filtered) return cancelMatching(context, filter, { reason, yes })
  const [only] = ids
  if (only === undefined)
    throw new UsageError("Which tasks? Name them, or use --lane, --repo, --label, --by or --status.")
  if (ids.length > 1) {
    const group = ids.find(isGroupId)
    if (group !== undefined) throw new UsageError(`Cancel a group by itself: twolane cancel ${group}`)
    return cancelMany(context, ids, reason)
  }
  if (isGroupId(only)) return cancelGroupCommand(context, only, reason)
  const { client, output, signal } = context
  const task = await client.cancel(only, reason, { signal })
  output.value(task)
  output.line(canceledLine(task))
  return exitCodes.succeeded
}

const canceledLine = ({ id, status }: Pick<Task, "id" | "status">): string => `${id} is ${status}`

const cancelMany = async (
  { client, output, signal }: Context,
  ids: readonly string[],
  reason: string | undefined,
): Promise<number> => {
  let refused = 0
  for (let from = 0; from < ids.length; from += atOnce) {
    const some = ids.slice(from, from + atOnce)
    const { items } = await client.cancelMany(some, reason, { signal })
    for (const [index, item] of items.entries()) {
      if ("id" in item) {
        output.value(item)
        output.line(canceledLine(item))
        continue
      }
      refused += 1
      output.value({ id: some[index], problem: item })
      output.note(`${some[index]}: ${oneLine(item.detail ?? item.title)}`)
    }
  }
  return refused === 0 ? exitCodes.succeeded : exitCodes.failed
}

const cancelMatching = async (
  context: Context,
  filter: CancelFilter,
  { reason, yes }: { reason: string | undefined; yes: boolean },
): Promise<number> => {
  const tasks = await openTasks(context, filter)
  if (tasks.length > 0 && yes)
    return cancelMany(
      context,
      tasks.map(({ id }) => id),
      reason,
    )
  const { output } = context
  output.value({ wouldCancel: tasks.map(({ id }) => id) })
  for (const task of tasks.slice(0, mostShown)) output.line(taskLine(task, Date.now()))
  if (tasks.length > mostShown) output.line(`and ${tasks.length - mostShown} more`)
  if (tasks.length === 0) {
    output.line("No open tasks.")
    return exitCodes.succeeded
  }
  output.note(
    `Nothing is canceled yet: add --yes to cancel ${tasks.length === 1 ? "it" : `all ${tasks.length}`}.`,
  )
  return exitCodes.usage
}

const openTasks = async (
  { client, signal }: Context,
  { status, ...filter }: CancelFilter,
): Promise<Task[]> => {
  const found = new Map<string, Task>()
  for (const each of status === undefined ? open : [status]) {
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof client.tasks>> = await client.tasks(
        { ...filter, status: each, limit: perPage, ...(cursor === null ? {} : { cursor }) },
        { signal },
      )
      for (const task of page.items) found.set(task.id, task)
      cursor = page.nextCursor
    } while (cursor !== null)
  }
  return [...found.values()]
}
