import type { EventId } from "./ids.ts"

/** The id before every event of a task: reading after it reads from the start. */
export const beforeFirst: EventId = "0-0"

/** Splits an event id into its two numbers. */
export const parseEventId = (id: EventId): { attempt: number; n: number } => {
  const [attempt = "0", n = "0"] = id.split("-")
  return { attempt: Number(attempt), n: Number(n) }
}

/** Orders two event ids of one task: negative when `a` came before `b`. */
export const compareEventIds = (a: EventId, b: EventId): number => {
  const left = parseEventId(a)
  const right = parseEventId(b)
  return left.attempt - right.attempt || left.n - right.n
}

/** Whether an event id may come right after another one: the next of its attempt, or a later attempt's first. */
export const isNextEvent = (before: EventId, next: EventId): boolean => {
  const left = parseEventId(before)
  const right = parseEventId(next)
  return right.attempt === left.attempt ? right.n === left.n + 1 : right.n === 1
}
