import type { Bucket } from "../../live/buckets.ts"

const names: Record<Bucket, string> = {
  gated: "Needs a person",
  running: "Running",
  queued: "Waiting",
  ended: "Ended",
}

/** The head of a group of tasks. */
export const GroupHeader = ({ bucket, count }: { bucket: Bucket; count: number }) => (
  <h2 className="flex h-full items-center gap-2 border-line border-b bg-canvas px-4 font-semibold text-muted text-sm">
    {names[bucket]}
    {/* How many ended in all is not known here: they are loaded as one scrolls. */}
    {bucket !== "ended" && (
      <span className="font-normal text-faint tabular-nums">{count.toLocaleString()}</span>
    )}
  </h2>
)
