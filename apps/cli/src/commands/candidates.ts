import { outcomeWords } from "@twolane/common/words"
import type { Group, Task } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { CommandError, exitCodeOfTask, exitCodes, leftAlone, UsageError } from "../exit.ts"
import { groupLines } from "../show/group.ts"

/** What `--candidates` and `--race` ask for, as a request says it. */
export const candidatesOf = ({
  candidates,
  race = false,
}: {
  candidates?: string | undefined
  race?: boolean | undefined
}): number | { lane?: "fast" | "deep"; model?: string }[] | undefined => {
  if (race && candidates !== undefined) throw new UsageError("a race has one candidate for each lane")
  if (race) return [{ lane: "fast" }, { lane: "deep" }]
  if (candidates === undefined) return undefined
  if (/^\d+$/.test(candidates)) return Number(candidates)
  return candidates.split(",").map(model => ({ model: model.trim() }))
}

/** Whether an id names a group. */
export const isGroupId = (id: string): boolean => id.startsWith("group_")

/** `twolane compare`: a group's candidates beside each other; by its own id, or by that of one of their tasks. */
export const compareCommand = async (context: Context, id: string): Promise<number> => {
  const { client, output, signal } = context
  const group = isGroupId(id) ? id : groupOf(await client.task(id, { signal }))
  show(context, await client.group(group, { signal }))
  if (output.live) output.line("See one: twolane diff <task> · choose one: twolane accept <task>")
  return exitCodes.succeeded
}

const groupOf = ({ id, group }: Task): string => {
  if (group !== undefined) return group.id
  throw new CommandError(`${id} has no other candidates beside it`)
}

const show = ({ output }: Context, group: Group): void => {
  output.value(group)
  for (const line of groupLines(group)) output.line(line)
}

/** Says which tasks try it, or waits until all have ended, and compares them; the exit code is then the best one's. */
export const followCandidates = async (context: Context, first: Task, follow: boolean): Promise<number> => {
  const { client, output, signal } = context
  const { id, candidates } = first.group ?? { id: groupOf(first), candidates: [] }
  if (!follow) {
    show(context, await client.group(id, { signal }))
    output.line(`Compare them: twolane compare ${id} · end all: twolane cancel ${id}`)
    return exitCodes.succeeded
  }
  for (const { task } of candidates) output.line(`${task} is a candidate; watch it: twolane watch ${task}`)
  await Promise.all(candidates.map(({ task }) => untilEnded(context, task)))
  if (signal.aborted) {
    output.note(
      `\nNo longer watching; they go on. Compare: twolane compare ${id} · end: twolane cancel ${id}`,
    )
    return leftAlone
  }
  const group = await client.group(id)
  show(context, group)
  const [best] = group.candidates
  return best === undefined ? exitCodes.failed : exitCodeOfTask(best)
}

const untilEnded = async ({ client, output, signal }: Context, task: string): Promise<void> => {
  for await (const event of client.follow(task, { signal }))
    if (event.type === "turn.ended") output.line(`${task} ${outcomeWords(event.outcome)}`)
    else if (event.type === "gate.opened")
      output.line(`${task} asks (${event.kind}): twolane gates allow|deny ${task} ${event.gate}`)
}

/** `twolane cancel` of a group. */
export const cancelGroupCommand = async (
  context: Context,
  id: string,
  reason: string | undefined,
): Promise<number> => {
  show(context, await context.client.cancelGroup(id, reason, { signal: context.signal }))
  return exitCodes.succeeded
}
