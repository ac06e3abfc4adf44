import type { Context } from "../context.ts"
import { archiveCountsKey } from "../keys.ts"
import type { Total } from "../kpis/total.ts"
import { withDeadline } from "../redis/deadline.ts"

/** The archive's metrics, by their Prometheus names: counters, each under the field that counts it. */
export const archiveMetrics = {
  twolane_archived_tasks_total: { field: "tasks", help: "Tasks that went to the archive" },
  twolane_archived_bytes_total: { field: "bytes", help: "Bytes written to the archive, compressed" },
  twolane_archive_restored_total: { field: "restored", help: "Tasks that came back for a turn or a verdict" },
  twolane_archive_deleted_total: { field: "dropped", help: "Tasks that were deleted from the archive" },
  twolane_archive_failures_total: { field: "failures", help: "Tasks that could not be archived or deleted" },
} as const
type Field = (typeof archiveMetrics)[keyof typeof archiveMetrics]["field"]

/** Adds to what the archive's metrics count. A crash right before it leaves one out. */
export const countArchive = async (
  { client }: Context,
  counts: { readonly [Name in Field]?: number },
): Promise<void> => {
  const adding = Object.entries(counts).map(([name, by]) => client.hincrby(archiveCountsKey, name, by))
  await withDeadline(Promise.all(adding))
}

/** The archive's metrics. */
export const readArchiveTotals = async ({ client }: Context): Promise<Total[]> => {
  const counts = await withDeadline(client.hgetall(archiveCountsKey))
  return Object.entries(archiveMetrics).map(([name, { field, help }]) => ({
    name,
    help,
    type: "counter",
    series: [{ labels: {}, value: Number(counts[field] ?? 0) }],
  }))
}
