import { join } from "node:path"
import type { LaneQueue, Task, TaskEvent } from "@twolane/protocol"
import type { Caller } from "./caller.ts"
import { checkGroups } from "./check-group.ts"
import { checkLog } from "./check-log.ts"
import { checkRemote, type Ended } from "./check-remote.ts"
import { checkStory } from "./check-story.ts"
import { checkTree } from "./check-tree.ts"
import type { Story } from "./person.ts"
import type { Say } from "./progress.ts"
import type { ChaosRemote } from "./remote.ts"

/** So many tasks are looked at at once. */
const atOnce = 4
/** After so many there is a word about how far it is. */
const sayEvery = 200

type Where = { remote: ChaosRemote; dataDirs: readonly string[]; say: Say }

/** Reads the logs, the mirrors and the remote of a fleet that has come to rest, and says what is not as it was promised. */
export const check = async (
  caller: Caller,
  asked: readonly Story[],
  { remote, dataDirs, say }: Where,
): Promise<{ wrong: string[]; ended: Ended[] }> => {
  const listed = new Map((await listAll(caller)).map(task => [task.id, task]))
  const stories = asked.flatMap(story => [story, ...story.members])
  const left = [...stories].reverse()
  const wrong: string[] = []
  const ended: Ended[] = []
  const look = async () => {
    for (let story = left.pop(); story !== undefined; story = left.pop()) {
      const one = await checkOne(caller, story, listed, dataDirs)
      wrong.push(...one.wrong)
      if (one.ended !== null) ended.push(one.ended)
      if (ended.length % sayEvery === 0) say(`${left.length} tasks are still to be looked at`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, look))
  const known = new Set(stories.map(({ task }) => task))
  for (const id of listed.keys())
    if (!known.has(id)) wrong.push(`nobody asked for ${id}: a request was done twice`)
  const rest = await Promise.all([
    checkRemote(remote, ended),
    checkGroups(caller, ended, repo => mirrorsOf(dataDirs, repo)),
    checkQueue(caller),
  ])
  return { wrong: [...wrong, ...rest.flat()], ended }
}

const mirrorsOf = (dataDirs: readonly string[], repo: string): string[] =>
  dataDirs.map(dataDir => join(dataDir, "mirrors/default", `${repo}.git`))

/** Looks at one task; what keeps it from that is wrong, too, and hides nothing of the others. */
const checkOne = async (
  caller: Caller,
  story: Story,
  listed: ReadonlyMap<string, Task>,
  dataDirs: readonly string[],
): Promise<{ wrong: string[]; ended: Ended | null }> => {
  const name = `task ${story.errand.task} (${story.errand.lane}, ${story.errand.does})`
  const wrong: string[] = []
  if (story.error !== null) wrong.push(`${name}: ${story.error.message}`)
  if (story.refused !== null) wrong.push(`${name} was refused: ${JSON.stringify(story.refused.body)}`)
  if (story.task === null) return { wrong, ended: null }
  const task = listed.get(story.task)
  if (task === undefined)
    return { wrong: [...wrong, `${name}: ${story.task} was answered, and is not in the list`], ended: null }
  const mirrors = mirrorsOf(dataDirs, task.repo)
  try {
    const log = await wholeLog(caller, task.id)
    const found = [
      ...checkLog(log, task),
      ...checkStory(story, task, log),
      ...(await checkTree(story, task, log, mirrors)),
    ]
    wrong.push(...found.map(fault => `${name}, ${task.id}: ${fault}`))
    return { wrong, ended: { story, task, log } }
  } catch (error) {
    return { wrong: [...wrong, `${name}, ${task.id} could not be checked: ${String(error)}`], ended: null }
  }
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
