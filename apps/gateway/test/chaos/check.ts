import { join } from "node:path"
import type { LaneQueue, Task, TaskEvent } from "@twolane/protocol"
import type { Caller } from "./caller.ts"
import { checkLog } from "./check-log.ts"
import { checkRemote, type Ended } from "./check-remote.ts"
import { checkStory } from "./check-story.ts"
import { checkTree } from "./check-tree.ts"
import type { Story } from "./person.ts"
import type { ChaosRemote } from "./remote.ts"

/** Reads the logs, the mirrors and the remote of a fleet that has come to rest, and says what is not as it was promised. */
export const check = async (
  caller: Caller,
  stories: readonly Story[],
  { remote, dataDirs }: { remote: ChaosRemote; dataDirs: readonly string[] },
): Promise<{ wrong: string[]; ended: Ended[] }> => {
  const wrong: string[] = []
  const listed = new Map((await listAll(caller)).map(task => [task.id, task]))
  const ended: Ended[] = []
  for (const story of stories) {
    const name = `task ${story.errand.task} (${story.errand.lane}, ${story.errand.does})`
    if (story.error !== null) wrong.push(`${name}: ${story.error.message}`)
    if (story.refused !== null) wrong.push(`${name} was refused: ${JSON.stringify(story.refused.body)}`)
    if (story.task === null) continue
    const task = listed.get(story.task)
    if (task === undefined) {
      wrong.push(`${name}: ${story.task} was answered, and is not in the list`)
      continue
    }
    const log = await wholeLog(caller, task.id)
    ended.push({ story, task, log })
    const mirrors = dataDirs.map(dataDir => join(dataDir, "mirrors/default", `${task.repo}.git`))
    const found = [
      ...checkLog(log, task),
      ...checkStory(story, task, log),
      ...(await checkTree(story, task, log, mirrors)),
    ]
    wrong.push(...found.map(fault => `${name}, ${task.id}: ${fault}`))
  }
  const known = new Set(stories.map(({ task }) => task))
  for (const id of listed.keys())
    if (!known.has(id)) wrong.push(`nobody asked for ${id}: a request was done twice`)
  return { wrong: [...wrong, ...(await checkRemote(remote, ended)), ...(await checkQueue(caller))], ended }
}

const listAll = async (caller: Caller): Promise<Task[]> => {
  const tasks: Task[] = []
  for (let cursor: string | null = ""; cursor !== null; ) {
    const { body } = await caller.ask("GET", `/v1/tasks?limit=200${cursor && `&cursor=${cursor}`}`)
    const page = body as { items: Task[]; nextCursor: string | null }
    tasks.push(...page.items)
    cursor = page.nextCursor
  }
  return tasks
}

const wholeLog = async (caller: Caller, task: string): Promise<TaskEvent[]> => {
  const events: TaskEvent[] = []
  for (;;) {
    const after = events.at(-1)?.id
    const path = `/v1/tasks/${task}/events?limit=200${after === undefined ? "" : `&after=${after}`}`
    const { items } = (await caller.ask("GET", path)).body as { items: TaskEvent[] }
    if (items.length === 0) return events
    events.push(...items)
  }
}

const checkQueue = async (caller: Caller): Promise<string[]> => {
  const { lanes } = (await caller.ask("GET", "/v1/queue")).body as { lanes: Record<string, LaneQueue> }
  return Object.entries(lanes).flatMap(([lane, { waiting, running }]) =>
    waiting + running === 0 ? [] : [`the lane ${lane} says that ${waiting} wait and ${running} run`],
  )
}
