import { useMemo } from "react"
import { type Bucket, buckets } from "../../live/buckets.ts"
import type { Tasks } from "../../live/task-table.ts"
import { useTasks } from "../../live/use-live.ts"
import { type Filter, isWhole, passes } from "./filter.ts"

/** A line of the list: the head of a group, a task, or the place where more are loaded. */
export type ListItem =
  | { kind: "group"; key: string; bucket: Bucket; count: number }
  | { kind: "more"; key: string }
  | { kind: "task"; key: string; id: string }

type Groups = Record<Bucket, readonly string[]>

/**
 * The lines of the list; another array only when a task came, went or moved. Without a filter, those that wait are shown as far as their
 * line is loaded without a gap, which is up to the place `upTo`.
 */
export const useListItems = (filter: Filter, upTo: number): readonly ListItem[] => {
  const groups = useTasks(
    useMemo(() => (tasks: Tasks) => filtered(tasks, filter, upTo), [filter, upTo]),
    sameGroups,
  )
  const whole = isWhole(filter)
  return useMemo(
    () =>
      // Without a filter the questions stand above the list, to be answered there.
      buckets
        .slice(whole ? 1 : 0)
        .flatMap(bucket => [
          ...linesOf(bucket, groups[bucket]),
          ...(bucket === "queued" && whole && upTo !== Number.POSITIVE_INFINITY ? [moreLine] : []),
        ]),
    [groups, upTo, whole],
  )
}

const moreLine: ListItem = { kind: "more", key: "more" }

const linesOf = (bucket: Bucket, ids: readonly string[]): ListItem[] =>
  ids.length === 0
    ? []
    : [
        { kind: "group", key: bucket, bucket, count: ids.length },
        ...ids.map((id): ListItem => ({ kind: "task", key: id, id })),
      ]

const filtered = (tasks: Tasks, filter: Filter, upTo: number): Groups => {
  if (isWhole(filter)) return { ...tasks.order, queued: lineUpTo(tasks, upTo) }
  const pick = (bucket: Bucket) =>
    tasks.order[bucket].filter(id => {
      const task = tasks.find(id)
      return task !== undefined && passes(task, filter)
    })
  return { gated: pick("gated"), running: pick("running"), queued: pick("queued"), ended: pick("ended") }
}

/** They are in the order of their places; one that has none yet comes last. */
const lineUpTo = ({ order, find }: Tasks, upTo: number): readonly string[] => {
  if (upTo === Number.POSITIVE_INFINITY) return order.queued
  const end = order.queued.findIndex(id => (find(id)?.queue?.position ?? Number.POSITIVE_INFINITY) > upTo)
  return end === -1 ? order.queued : order.queued.slice(0, end)
}

const sameGroups = (a: Groups, b: Groups): boolean => buckets.every(bucket => sameIds(a[bucket], b[bucket]))

const sameIds = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((id, index) => id === b[index]))
