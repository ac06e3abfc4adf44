import { isFinal, type Task } from "@twolane/protocol"

/** The parts of the queue, in the order they are shown: what needs a person, what runs, what waits, what has ended. */
export const buckets = ["gated", "running", "queued", "ended"] as const
export type Bucket = (typeof buckets)[number]

/** Where a task stands in the queue. */
export const bucketOf = ({ status }: Task): Bucket => {
  if (status === "waiting") return "gated"
  if (status === "queued") return "queued"
  return isFinal(status) ? "ended" : "running"
}

/** The ids of a bucket in its order. */
export const sortBucket = (
  bucket: Bucket,
  ids: Iterable<string>,
  find: (id: string) => Task | undefined,
): readonly string[] => {
  // Ids sort by age.
  if (bucket === "ended") return [...ids].toSorted((a, b) => (a < b ? 1 : -1))
  const keyOf = sortKeys[bucket]
  const keyed = Array.from(ids, id => ({ id, key: keyOf(find(id)) }))
  keyed.sort((a, b) => a.key - b.key || (a.id < b.id ? -1 : 1))
  return keyed.map(({ id }) => id)
}

type SortKey = (task: Task | undefined) => number

/** The longest wait or run stands first, so that a row stays where it is while others come and go. */
const sortKeys: Record<Exclude<Bucket, "ended">, SortKey> = {
  gated: task => task?.gates[0]?.openedAt ?? Number.POSITIVE_INFINITY,
  running: task => task?.turns.findLast(turn => turn.startedAt !== undefined)?.startedAt ?? Infinity,
  queued: task => task?.queue?.position ?? Number.MAX_SAFE_INTEGER,
}
