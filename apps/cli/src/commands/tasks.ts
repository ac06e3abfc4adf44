import type { TaskQuery } from "@twolane/client"
import { oneLine } from "@twolane/common/clean"
import { fileLine, size, taskLine, undoneWords } from "@twolane/common/words"
import type { Task } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"
import { diffPieces } from "../show/diff.ts"
import { painter } from "../show/printer.ts"
import { applyHere } from "./checkout.ts"
import { followToEnd } from "./follow.ts"
import { openTurnOf } from "./turns.ts"

/** `twolane list`. */
export const listCommand = async ({ client, output, signal }: Context, query: TaskQuery): Promise<number> => {
  const page = await client.tasks(query, { signal })
  output.value(page)
  for (const task of page.items) output.line(taskLine(task, Date.now()))
  if (page.items.length === 0) output.line("No tasks.")
  if (page.nextCursor !== null) output.line(`More: add --cursor ${page.nextCursor}`)
  return exitCodes.succeeded
}

/** Says how a task stands after a command. */
const say = ({ output }: Context, task: Task, words: string): number => {
  output.value(task)
  output.line(`${task.id} ${words}`)
  return exitCodes.succeeded
}

/** `twolane steer`: a note for the turn that runs. */
export const steerCommand = async (
  { client, output, signal }: Context,
  id: string,
  prompt: string,
): Promise<number> => {
  const turn = openTurnOf(await client.task(id, { signal }))
  const answer = await client.steer(id, { prompt, turn: turn.id }, { signal })
  output.value(answer)
  output.line(`${id} got the note`)
  return exitCodes.succeeded
}

/** `twolane interrupt`: ends the running turn. */
export const interruptCommand = async (context: Context, id: string): Promise<number> =>
  say(context, await context.client.interrupt(id, { signal: context.signal }), "is interrupted")

/** `twolane retry`: the last prompt again, from the last checkpoint or from the base. */
export const retryCommand = async (
  context: Context,
  id: string,
  { from, wait }: { from: "checkpoint" | "base"; wait?: boolean | undefined },
): Promise<number> => {
  const { client, output, signal } = context
  const { lastEventId: after } = await client.task(id, { signal })
  const task = await client.retry(id, from, { signal })
  if (wait ?? output.live) return followToEnd(context, id, { json: "task", after })
  return say(context, task, `is ${task.status} again`)
}

/** `twolane undo`: back one checkpoint. */
export const undoCommand = async (context: Context, id: string): Promise<number> => {
  const task = await context.client.undo(id, { signal: context.signal })
  return say(context, task, undoneWords(task))
}

/** `twolane diff`: the change as a patch, its statistics, or (`--json`) file by file. */
export const diffCommand = async (
  { client, output, signal }: Context,
  id: string,
  { from, stat = false }: { from: "base" | "turn"; stat?: boolean },
): Promise<number> => {
  if (output.json || stat) {
    const { files } = await client.diffFiles(id, from, { signal })
    output.value({ files })
    for (const file of files) output.line(fileLine(file))
    return exitCodes.succeeded
  }
  const patch = await client.diff(id, from, { signal })
  // A pipe gets the patch byte by byte, so that `git apply` can read it; a person's terminal does not get its escape sequences.
  if (!output.live) output.raw(patch)
  else for (const piece of diffPieces(patch)) output.line(painter(output)(piece))
  return exitCodes.succeeded
}

/** `twolane accept`: delivers the change, or with `--here` applies it to the checkout that we are in. */
export const acceptCommand = async (
  context: Context,
  id: string,
  {
    how,
    head,
    here = false,
  }: { how: "push" | "merge" | "pull_request"; head?: string | undefined; here?: boolean | undefined },
): Promise<number> => {
  const { client, output, signal } = context
  if (here) {
    const folder = await applyHere(await client.diff(id, "base", { signal }))
    output.value({ applied: folder })
    output.line(`${id} is applied to ${folder}, staged and not committed. Its review stays open.`)
    return exitCodes.succeeded
  }
  const task = await client.accept(id, how, { head, signal })
  const change = task.change === undefined ? "" : ` (${size(task.change)})`
  return say(context, task, `is accepted${change}: ${outcomeWords(task, how)}`)
}

const outcomeWords = ({ branch, pullRequest }: Task, how: "push" | "merge" | "pull_request"): string => {
  if (how === "push") return `branch ${branch} is at the source`
  return how === "merge" || pullRequest === undefined ? how : oneLine(pullRequest.url)
}

/** `twolane discard`. */
export const discardCommand = async (context: Context, id: string): Promise<number> =>
  say(context, await context.client.discard(id, { signal: context.signal }), "is discarded")
