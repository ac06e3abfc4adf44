import type { Task, TaskEvent, WorkerView } from "@twolane/protocol"
import { only } from "@twolane/testkit"
import { expect } from "vitest"
import type { Caller } from "../chaos/caller.ts"
import { newStory, type Story, submit, watchToTheEnd } from "../chaos/person.ts"
import type { Errand } from "../chaos/plan.ts"
import { type Step, stepsOf } from "../chaos/program.ts"

/** A task that was asked for and is watched to its end. */
export type Asked = { story: Story; task: string; ended: Promise<Task> }

let made = 0

/** Asks for a task whose model does these steps, and watches it. */
export const askFor = async (
  caller: Caller,
  repo: string,
  steps: readonly Step["kind"][],
  { lane = "deep", does = "let be" }: Partial<Pick<Errand, "lane" | "does">> = {},
): Promise<Asked> => {
  made += 1
  const turns = [stepsOf(1, steps), []]
  const story = newStory({ task: made, atMs: 0, afterMs: 1, repo, turns, lane, does })
  await submit({ story, caller })
  const task = story.task ?? expect.fail(`it was refused: ${JSON.stringify(story.refused)}`)
  const ended = watchToTheEnd({ story, caller }).then(async () => {
    story.isOver = true
    return await caller.task(task)
  })
  ended.catch(() => undefined) // whoever waits for it hears of it
  return { story, task, ended }
}

/** Waits until its stream has brought an event of a type. */
export const untilSeen = async <Type extends TaskEvent["type"]>(
  { story }: Asked,
  type: Type,
  fits: (event: Extract<TaskEvent, { type: Type }>) => boolean = () => true,
): Promise<Extract<TaskEvent, { type: Type }>> => {
  await expect.poll(() => only(story.seen, type).some(fits)).toBe(true)
  return only(story.seen, type).find(fits) ?? expect.fail("it was seen just now")
}

/** Who works, as a gateway lists it. */
export const workersOf = async (caller: Caller): Promise<WorkerView[]> =>
  ((await caller.ask("GET", "/v1/workers")).body as { items: WorkerView[] }).items
