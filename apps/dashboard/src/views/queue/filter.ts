import type { TaskQuery } from "@twolane/client"
import type { Task, TurnStatus } from "@twolane/protocol"

/** Which tasks the queue shows; in the address, so that a view can be shared. */
export type Filter = Pick<TaskQuery, "lane" | "status" | "repo" | "label" | "by" | "q">

const lanes = ["fast", "deep"] as const
const statuses = [
  "queued",
  "running",
  "waiting",
  "canceling",
  "succeeded",
  "failed",
  "canceled",
  "limited",
  "handed_off",
] as const satisfies readonly TurnStatus[]

/** The statuses that can be filtered by. */
export const filterStatuses: readonly TurnStatus[] = statuses

const oneOf = <Value extends string>(all: readonly Value[], given: unknown): Value | undefined =>
  all.find(value => value === given)

const text = (given: unknown, most: number): string | undefined => {
  const words = typeof given === "string" || typeof given === "number" ? String(given).slice(0, most) : ""
  return words === "" ? undefined : words
}

/** Reads a filter from an address; what makes no sense there is left out. */
export const readFilter = (search: Record<string, unknown>): Filter => {
  const read = {
    lane: oneOf(lanes, search.lane),
    status: oneOf(statuses, search.status),
    repo: text(search.repo, 100),
    label: text(search.label, 100),
    by: text(search.by, 200),
    q: text(search.q, 200),
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

/** Whether nothing is filtered. */
export const isWhole = (filter: Filter): boolean => Object.keys(filter).length === 0

/** Whether a task passes, as the gateway would say (`GET /v1/tasks`). */
export const passes = (task: Task, filter: Filter): boolean => {
  const { lane, status, repo, label, by, q } = filter
  if (lane !== undefined && task.lane !== lane) return false
  if (status !== undefined && task.status !== status) return false
  if (repo !== undefined && task.repo !== repo) return false
  if (label !== undefined && !task.labels.includes(label)) return false
  if (by !== undefined && task.by.key !== by && task.by.name !== by) return false
  return q === undefined || contains(task, q.toLowerCase())
}

const contains = (task: Task, words: string): boolean =>
  task.id === words ||
  task.title.toLowerCase().includes(words) ||
  task.turns.some(turn => turn.prompt.toLowerCase().includes(words))
