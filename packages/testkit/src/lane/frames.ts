import type { TaskDelta, TaskEvent } from "@twolane/protocol"

/** One message of a task's stream. */
export type Message = { id?: string; event?: string; data: TaskEvent | TaskDelta | { code: string } }

/** Cuts a growing text into the messages of an event stream; comments are left out. */
export const createFrames = (): ((text: string) => Message[]) => {
  let rest = ""
  return text => {
    const frames = (rest + text).split("\n\n")
    rest = frames.pop() ?? ""
    return frames.flatMap(parseFrame)
  }
}

const parseFrame = (frame: string): Message[] => {
  const fields = frame.split("\n").flatMap(line => {
    const colon = line.indexOf(": ")
    return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 2)] as const] : []
  })
  const { id, event, data } = Object.fromEntries(fields)
  if (data === undefined) return []
  return [{ ...(id && { id }), ...(event && { event }), data: JSON.parse(data) as Message["data"] }]
}

/** What has an id: the log's events, without what is live only. */
export const eventsIn = (messages: readonly Message[]): TaskEvent[] =>
  messages.flatMap(({ id, data }) => (id !== undefined && "type" in data ? [data as TaskEvent] : []))
