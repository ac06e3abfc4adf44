import type { Task } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodeOfTask, leftAlone } from "../exit.ts"
import { progressPrinter } from "../show/printer.ts"

/** How a task is watched. */
export type FollowWish = {
  /** The last event that need not be shown. */
  after?: string
  /** `--json`: every stored event on a line of its own, or the task alone once it has ended. */
  json: "events" | "task"
  /** Go on after the end. */
  forever?: boolean
}

/** Shows a task's progress until its last turn has ended; answers the exit code. Ctrl-C ends the watching alone. */
export const followToEnd = async (context: Context, id: string, wish: FollowWish): Promise<number> => {
  const { client, output, signal } = context
  const print = progressPrinter(id, output)
  const { after, forever = false } = wish
  for await (const event of client.follow(id, {
    signal,
    forever,
    ...(after === undefined ? {} : { after }),
  })) {
    if (!output.json) print(event)
    else if (wish.json === "events" && "id" in event) output.value(event)
  }
  if (signal.aborted) {
    output.note(
      `\nNo longer watching; the task goes on. Watch: twolane watch ${id} · end it: twolane cancel ${id}`,
    )
    return leftAlone
  }
  const task = await client.task(id)
  if (wish.json === "task") output.value(task)
  sayWhatNext(task, context)
  return exitCodeOfTask(task)
}

const sayWhatNext = (task: Task, { output }: Context): void => {
  if (task.review !== "open") return
  output.line(`See the change: twolane diff ${task.id} · take it: twolane accept ${task.id}`)
}
