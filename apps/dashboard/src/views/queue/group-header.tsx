import { useQuery } from "@tanstack/react-query"
import type { Bucket } from "../../live/buckets.ts"
import { laneFigures } from "../../queries.ts"
import { numberWords } from "../../ui/words.ts"

const names: Record<Bucket, string> = {
  gated: "Needs a person",
  running: "Running",
  queued: "Waiting",
  ended: "Ended",
}

type GroupHeaderProps = {
  bucket: Bucket
  /** How many of it are loaded and pass the filter. */
  count: number
  filtered: boolean
}

/** The head of a group of tasks. How many ended in all is not known here: they are loaded as one scrolls. */
export const GroupHeader = ({ bucket, count, filtered }: GroupHeaderProps) => {
  const lanes = useQuery(laneFigures).data?.lanes
  const waiting = (lanes?.fast.waiting ?? 0) + (lanes?.deep.waiting ?? 0)
  const shown = bucket === "queued" && !filtered ? Math.max(count, waiting) : count
  return (
    <h2 className="flex h-full items-center gap-2 border-line border-b bg-canvas px-4 font-semibold text-muted text-sm">
      {names[bucket]}
      {bucket !== "ended" && (
        <span className="font-normal text-faint tabular-nums">{numberWords(shown)}</span>
      )}
    </h2>
  )
}
