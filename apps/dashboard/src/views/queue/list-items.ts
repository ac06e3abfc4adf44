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

/** The lines of the list; another array only when a task came, went or moved. `moreWait`: not all that wait are loaded. */
export const useListItems = (filter: Filter, moreWait: boolean): readonly ListItem[] => {
  const groups = useTasks(
    useMemo(() => (tasks: Tasks) => filtered(tasks, filter), [filter]),
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
          ...(bucket === "queued" && moreWait ? [moreLine] : []),
        ]),
    [groups, moreWait, whole],
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

const filtered = (tasks: Tasks, filter: Filter): Groups => {
  if (isWhole(filter)) return tasks.order
  const pick = (bucket: Bucket) =>
    tasks.order[bucket].filter(id => {
      const task = tasks.find(id)
      return task !== undefined && passes(task, filter)
    })
  return { gated: pick("gated"), running: pick("running"), queued: pick("queued"), ended: pick("ended") }
}

const sameGroups = (a: Groups, b: Groups): boolean => buckets.every(bucket => sameIds(a[bucket], b[bucket]))

const sameIds = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((id, index) => id === b[index]))
