import type { TaskEvent } from "@twolane/protocol"
import type { House } from "../house.ts"
import { createFrames, eventsIn } from "./frames.ts"

/** Follows a task's stream until an event that `until` picks, or its end; answers all events with an id, oldest first. */
export const follow = async (
  house: House,
  task: string,
  until: (event: TaskEvent) => boolean = () => false,
  after?: string,
): Promise<TaskEvent[]> => {
  const stop = new AbortController()
  const headers = { authorization: `Bearer ${house.apiKey}`, accept: "text/event-stream" }
  const query = after === undefined ? "" : `?after=${after}`
  const answer = await fetch(`${house.url}/v1/tasks/${task}/events${query}`, { headers, signal: stop.signal })
  const events: TaskEvent[] = []
  const read = createFrames()
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    for (const event of eventsIn(read(chunk))) {
      events.push(event)
      if (!until(event)) continue
      stop.abort()
      return events
    }
  }
  return events
}

/** Only the types, for comparing a whole run at a glance. */
export const typesOf = (events: readonly TaskEvent[]): TaskEvent["type"][] => events.map(({ type }) => type)

/** The events of one type. */
export const only = <Type extends TaskEvent["type"]>(
  events: readonly TaskEvent[],
  type: Type,
): Extract<TaskEvent, { type: Type }>[] =>
  events.filter((event): event is Extract<TaskEvent, { type: Type }> => event.type === type)

/** The ids that do not follow on the one before in their attempt, which number 1, 2, 3 …: none in a log that is whole. */
export const gapsIn = (events: readonly TaskEvent[]): string[] => {
  const counts = new Map<string, number>()
  return events.flatMap(({ id }) => {
    const [attempt = "", n] = id.split("-")
    const next = (counts.get(attempt) ?? 0) + 1
    counts.set(attempt, Number(n))
    return Number(n) === next ? [] : [id]
  })
}
