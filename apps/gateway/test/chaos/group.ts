import { setTimeout as sleep } from "node:timers/promises"
import type { Group, Task } from "@twolane/protocol"
import { accept, newStory, type Scene, submit, watchToTheEnd } from "./person.ts"
import { candidateModels, type Errand, raceLanes } from "./plan.ts"
import { stepsOf } from "./program.ts"

/** What a request for a group has beside that for one task. */
export const groupRequest = ({ does, task }: Errand): Record<string, unknown> => {
  if (does === "race") return { candidates: raceLanes.map(lane => ({ lane })), lane: "auto" }
  return does === "candidates" ? { candidates: modelsOf(task).map(model => ({ model })) } : {}
}

/** Two of them, or all. */
const modelsOf = (task: number): readonly string[] => candidateModels.slice(task % 2)

/** How many tasks come of an errand. */
export const sizeOf = ({ does, task }: Errand): number =>
  does === "race" ? raceLanes.length : does === "candidates" ? modelsOf(task).length : 1

/** Asks for a group, watches each of its tasks to the end, and mostly accepts the best. */
export const playGroup = async (scene: Scene): Promise<void> => {
  const { story, caller, signal } = scene
  await submit(scene)
  if (story.task === null) return
  const first = await caller.task(story.task)
  story.members = (first.group?.candidates ?? [])
    .filter(({ task }) => task !== story.task)
    .map(({ task, lane }) => ({ ...newStory({ ...story.errand, lane }), task }))
  if (story.errand.does === "race") story.errand = fastPart(story.errand)
  const all = [story, ...story.members]
  await Promise.all(all.map(one => watchToTheEnd({ caller, story: one })))
  const group = (await caller.ask("GET", `/v1/groups/${first.group?.id}`)).body as Group
  const best = all.find(({ task }) => task === group.best)
  if (best !== undefined && story.errand.afterMs % 4 !== 0) {
    await accept({ ...scene, story: best }, await caller.task(best.task ?? ""), "push")
    if ((await caller.task(best.task ?? "")).review === "accepted")
      for (const one of all) if (one !== best) await untilReviewed(scene, one.task ?? "")
    await Promise.all(all.map(one => watchToTheEnd({ caller, story: one })))
  }
  signal.throwIfAborted()
  for (const one of all) one.isOver = true
}

/** A race's fast candidate is green before the rest of the program. */
const fastPart = (errand: Errand): Errand => {
  const [steps = []] = errand.turns
  const kinds = steps.map(({ kind }) => kind)
  return { ...errand, turns: [stepsOf(1, kinds[0] === "red" ? ["red", "mend"] : ["patch"]), []] }
}

const lookEveryMs = 200

const untilReviewed = async ({ caller, signal }: Scene, task: string): Promise<void> => {
  for (
    let found: Task = await caller.task(task);
    found.review !== "discarded";
    found = await caller.task(task)
  )
    await sleep(lookEveryMs, undefined, { signal })
}
