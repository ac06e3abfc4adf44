import { deadline, derive } from "@twolane/common"
import { lastTurn, type Task, type TaskEvent, TaskId } from "@twolane/protocol"
import { z } from "zod"
import { bounded } from "../../bounded.ts"
import { readTask } from "../../gateway.ts"
import { callerOf } from "../../http/auth.ts"
import { askForTask } from "../../inside/asking.ts"
import type { Asking } from "../asking.ts"
import { goesOn, summarize, TaskSummary } from "../summary.ts"
import { reads, tool } from "../tool.ts"

/** Below the minute after which clients give a call up by default. */
const defaultSeconds = 45
const maxSeconds = 900
/** A client that waits for progress hears something this often. */
const tellEveryMs = 10_000
const maxLineChars = 200

/** Follows a task for a while. */
export const watchTool = tool({
  name: "watch",
  title: "Follow a task",
  description: `Waits until the task has ended or needs a person, at most for the given seconds, and answers with it as it is then. Its status says which: queued or running means that the time is over and the task goes on, so call watch again. A deep task can take hours: give its link to the user, and look again later.`,
  annotations: reads,
  input: z.strictObject({
    task: TaskId,
    seconds: z
      .number()
      .int()
      .min(1)
      .max(maxSeconds)
      .default(defaultSeconds)
      .describe("At most so long. More than a minute only if your client waits for a tool so long."),
  }),
  output: TaskSummary,
  act: async (asking, { task, seconds }) => {
    const before = await askForTask(asking, task)
    if (goesOn(before)) await follow(asking, before, seconds)
    return { value: await summarize(asking, await askForTask(asking, task)) }
  },
})

/** Until the task stops for whatever reason, or the time, the caller or the gateway ends. */
const follow = async (asking: Asking, task: Task, seconds: number): Promise<void> => {
  const { gateway } = asking
  const ref = { team: callerOf(asking.opened).team, task: task.id }
  using time = deadline(seconds * 1_000, asking.left)
  using life = derive(time.signal)
  const onStop = () => life.abort({ by: "shutdown" })
  gateway.stopping.addEventListener("abort", onStop, { once: true })
  if (gateway.stopping.aborted) onStop()
  const clock = setInterval(() => void asking.tell("It goes on."), tellEveryMs)
  try {
    await asking.tell(`It is ${task.status}.`)
    for await (const event of gateway.store.follow(ref, task.lastEventId, life.signal)) {
      if (!("id" in event)) continue
      const line = lineOf(event)
      if (line !== null) await asking.tell(bounded(line, maxLineChars))
      if (mayStop.has(event.type) && (await hasStopped(asking, ref))) return
    }
  } finally {
    clearInterval(clock)
    gateway.stopping.removeEventListener("abort", onStop)
  }
}

const mayStop: ReadonlySet<TaskEvent["type"]> = new Set(["gate.opened", "turn.ended"])

const hasStopped = async ({ gateway }: Asking, ref: { team: string; task: string }): Promise<boolean> => {
  const state = await readTask(gateway, ref)
  return state.gates.length > 0 || lastTurn(state)?.endedAt !== undefined
}

/** What a person who waits wants to hear of an event; null for the others. */
const lineOf = (event: TaskEvent): string | null => {
  switch (event.type) {
    case "turn.started":
      return `A ${event.lane} turn has started.`
    case "attempt.lost":
      return "Its worker went away; another one goes on."
    case "tool.started":
      return `The agent uses ${event.tool}.`
    case "patch.applied":
      return `Changed ${event.files.map(({ path }) => path).join(", ")}`
    case "tests.started":
      return "The tests run."
    case "tests.ended":
      return `Tests: ${event.status}`
    case "guardrail.tripped":
      return `A guardrail (${event.rule}): ${event.verdict}`
    case "gate.opened":
      return `It waits for a person: ${event.kind}`
    case "turn.ended":
      return `The turn has ended: ${event.outcome.status}`
    default:
      return null
  }
}
