import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import type { EventSourceMessage } from "eventsource-parser"
import { openReader, type Site } from "./reader.ts"

/** What the model says in each turn, one word after another. */
export const speech = Array.from({ length: 120 }, (_, at) => `word${at}`).join(" ")

/** What was heard of one fast turn, by its caller or a watcher. */
type Heard = { task: string; ids: string[]; live: string; last: string; story: string; whole: boolean }

/** Starts so many fast turns at once, with watchers spread over them, and says what of it was lost. */
export const streamAll = async (
  site: Site,
  { streams, watchers, repo }: { streams: number; watchers: number; repo: string },
): Promise<{ wrong: string[]; tasks: string[]; events: number; replayed: number }> => {
  const turns = await Promise.all(
    Array.from({ length: streams }, async (_, index) => {
      const body = { repo, lane: "fast", test: "none", prompt: `say it, ${index}` }
      const caller = listen()
      const reader = await openReader(site, { method: "POST", path: "/v1/tasks", body }, caller.onEvent)
      const task = String(reader.location).slice("/v1/tasks/".length)
      const reading = reader.read()
      const own = Array.from({ length: shareOf(watchers, streams, index) }, () => watch(site, task))
      const { replayed } = reader
      return { task, replayed, caller: caller.heard(task, await reading), watchers: await Promise.all(own) }
    }),
  )
  const logs = await Promise.all(turns.map(({ task }) => watch(site, task)))
  const wrong = turns.flatMap(({ caller, replayed, watchers: others }, index) => {
    const log = logs[index]?.ids.join() ?? ""
    return [
      ...lost("a caller", caller, log),
      ...(caller.live === speech || replayed
        ? []
        : [
            `a caller of ${caller.task} heard ${caller.live.length} characters of ${speech.length}:${caller.story}`,
          ]),
      ...others.flatMap(each => lost("a watcher", each, log)),
    ]
  })
  const all = turns.flatMap(({ caller, watchers: others }) => [caller, ...others])
  return {
    wrong,
    tasks: turns.map(({ task }) => task),
    events: all.reduce((sum, { ids }) => sum + ids.length, 0),
    replayed: turns.filter(({ replayed }) => replayed).length,
  }
}

const shareOf = (all: number, streams: number, index: number): number =>
  Math.floor(all / streams) + (index < all % streams ? 1 : 0)

const watch = async (site: Site, task: string): Promise<Heard> => {
  const { onEvent, heard } = listen()
  using reader = await openReader(site, { path: `/v1/tasks/${task}/events` }, onEvent)
  return heard(task, await reader.read())
}

const listen = () => {
  const ids: string[] = []
  let live = ""
  let last = ""
  let story = ""
  const onEvent = ({ id, data }: EventSourceMessage): void => {
    const event = JSON.parse(data) as TaskEvent | TaskDelta
    if (event.type === "message.delta") live += event.text
    if (id === undefined) return
    ids.push(id)
    last = event.type
    story += event.type === "turn.ended" ? ` ended ${JSON.stringify(event.outcome)}` : ` ${event.type}`
  }
  return {
    onEvent,
    heard: (task: string, whole: boolean): Heard => ({ task, ids, live, last, story, whole }),
  }
}

const lost = (who: string, { task, ids, live, last, whole }: Heard, log: string): string[] => [
  ...(whole ? [] : [`${who} of ${task} was cut off`]),
  ...(ids.join() === log ? [] : [`${who} of ${task} heard ${ids.join()}, and the log is ${log}`]),
  ...(last === "turn.ended" ? [] : [`${who} of ${task} heard no end`]),
  // Live text is from the moment on that one looks.
  ...(speech.endsWith(live) ? [] : [`${who} of ${task} missed live text: ${live}`]),
]
