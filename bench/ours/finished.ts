import { type NewEvent, newId, noUsage } from "@twolane/protocol"
import type { NewTask, Store } from "@twolane/store"
import { newTask, team } from "./store.ts"

const outputChars = 400
const perCall = 100
const words =
  "const let return export test expect total price cart sum tax rate item order await async map".split(" ")

/** Text that compresses about as source and test output do. */
const textOf = (seed: number): string => {
  let text = ""
  for (let at = seed; text.length < outputChars; at = (at * 1_103_515_245 + 12_345) % 2_147_483_648)
    text += `${words[at % words.length]}_${at % 97} `
  return text
}

/** A task whose turn took so many steps and succeeded: a call of a tool and its output each, and a word at the end. */
export const finishedTask = (index: number, at: number, steps: number): NewTask => {
  const { task, events } = newTask(index, at, `repo-${index % 50}`)
  const turn = events[1]?.turn ?? newId("turn")
  const calls = Array.from({ length: steps }, (_, step): NewEvent[] => {
    const call = newId("turn")
    const output = textOf(index * 1_000 + step)
    return [
      {
        type: "tool.started",
        turn,
        at,
        call,
        tool: "shell",
        input: { command: `cat src/${output.slice(0, 40)}` },
      },
      {
        type: "tool.ended",
        turn,
        at,
        call,
        tool: "shell",
        ok: true,
        exitCode: 0,
        output,
        truncated: false,
        durationMs: 12,
      },
    ]
  })
  const message: NewEvent = { type: "message.done", turn, at, text: textOf(index) }
  const end: NewEvent = { type: "turn.ended", turn, at, outcome: { status: "succeeded" }, usage: noUsage }
  return { team, task, events: [...events, ...calls.flat(), message, end] }
}

/** Fills a store with finished tasks; answers their ids. With `archive` they go there, some at a time. */
export const fillFinished = async (
  store: Store,
  { count, steps, archive }: { count: number; steps: number; archive: boolean },
  signal: AbortSignal,
): Promise<string[]> => {
  const ids: string[] = []
  for (let at = 0; at < count; at += perCall) {
    signal.throwIfAborted()
    const size = Math.min(perCall, count - at)
    const tasks = Array.from({ length: size }, (_, index) => finishedTask(at + index, store.now(), steps))
    await store.createMany(tasks)
    ids.push(...tasks.map(({ task }) => task))
    // A sweep walks all there are: few of them, so that filling costs by what it fills.
    if (archive && (ids.length % 5_000 === 0 || ids.length === count)) await archiveAll(store)
  }
  return ids
}

/** Archives whatever is finished. */
export const archiveAll = async (store: Store): Promise<void> => {
  // The list waits until the indexes know of all that was written.
  await store.list(team, {}, { limit: 1 })
  await store.archive.sweep({ keepMs: 0, dropMs: null }, async () => true)
}
