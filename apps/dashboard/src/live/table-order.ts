import type { Task } from "@twolane/protocol"
import { type Bucket, bucketOf, buckets, sortBucket } from "./buckets.ts"

/** The ids of each bucket in its order; an array is a new one when anything in it moved. */
export type Order = Readonly<Record<Bucket, readonly string[]>>

/** Keeps the buckets in order while tasks come, go and move; sorts once for many moves. */
export type TableOrder = {
  move: (before: Task | undefined, after: Task) => void
  remove: (task: Task) => void
  /** The order after all moves since. */
  settle: (find: (id: string) => Task | undefined) => Order
}

const eachBucket = <Value>(make: (bucket: Bucket) => Value): Record<Bucket, Value> => ({
  gated: make("gated"),
  running: make("running"),
  queued: make("queued"),
  ended: make("ended"),
})

/** Makes empty buckets. */
export const createTableOrder = (): TableOrder => {
  const members = eachBucket(() => new Set<string>())
  const moved = new Set<Bucket>()
  let order: Order = eachBucket(() => [])
  const leave = (task: Task): void => {
    members[bucketOf(task)].delete(task.id)
    moved.add(bucketOf(task))
  }
  return {
    move: (before, after) => {
      const bucket = bucketOf(after)
      if (before !== undefined && bucketOf(before) === bucket && !stepped(before, after)) return
      if (before !== undefined) leave(before)
      members[bucket].add(after.id)
      moved.add(bucket)
    },
    remove: leave,
    settle: find => {
      const sorted = buckets.filter(bucket => moved.has(bucket))
      moved.clear()
      for (const bucket of sorted) order = { ...order, [bucket]: sortBucket(bucket, members[bucket], find) }
      return order
    },
  }
}

/** Whether a task's place in its bucket may be another one. */
const stepped = (before: Task, after: Task): boolean =>
  before.queue?.position !== after.queue?.position || before.gates[0]?.id !== after.gates[0]?.id
