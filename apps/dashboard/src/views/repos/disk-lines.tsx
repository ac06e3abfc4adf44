import { useQuery, useQueryClient } from "@tanstack/react-query"
import type { DiskItem } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { diskUse } from "../../queries.ts"
import { useMay } from "../../session/session.ts"
import { Button } from "../../ui/button.tsx"
import { Time } from "../../ui/time.tsx"
import { useAct } from "../../ui/use-act.ts"
import { byteWords } from "../../ui/words.ts"

/** While a repo is tidied, the machines are asked whether they are done. */
const askEveryMs = 2_000

type DiskLinesProps = { repo: string; items: readonly DiskItem[] }

/** What a repo takes on each machine, and the button that gives back what nothing needs. */
export const DiskLines = ({ repo, items }: DiskLinesProps) => {
  const mayTidy = useMay("admin")
  const { busy, act } = useAct()
  const [requestedAt, setRequestedAt] = useState<number | null>(null)
  const queries = useQueryClient()
  const isDone = items.length > 0 && items.every(({ reclaimedAt = 0 }) => reclaimedAt >= (requestedAt ?? 0))
  const tidying = requestedAt !== null && !isDone
  useQuery({ ...diskUse, refetchInterval: tidying ? askEveryMs : false })
  const tidy = () =>
    void act(`Tidying ${repo}`, async () => {
      setRequestedAt((await client.reclaimDisk(repo)).requestedAt)
      await queries.invalidateQueries(diskUse)
    })
  return (
    <div className="mt-3 flex flex-wrap items-start gap-x-4 gap-y-2 border-line border-t pt-3">
      <ul aria-label={`What ${repo} takes`} className="min-w-0 flex-1 basis-80 space-y-1.5">
        {items.length === 0 && (
          <li className="text-muted text-sm">No machine has said yet what it takes there.</li>
        )}
        {items.map(item => (
          <DiskLine key={item.host} item={item} />
        ))}
      </ul>
      <div className="flex items-center">
        <span aria-live="polite" className="text-muted text-sm not-empty:mr-2">
          {tidying ? "tidying …" : requestedAt !== null ? "tidied" : ""}
        </span>
        {mayTidy && (
          <Button
            size="small"
            busy={busy || tidying}
            aria-label={`Tidy ${repo}`}
            title="Packs the mirror, which loses nothing, and removes what setups left where no task is at work; the next task runs its setup again"
            onClick={tidy}
          >
            Tidy
          </Button>
        )}
      </div>
    </div>
  )
}

const DiskLine = ({ item }: { item: DiskItem }) => {
  const { host, mirrorBytes, workspaceBytes, preparedBytes, cacheBytes, reclaimedAt, kept } = item
  const parts = [
    ["mirror", mirrorBytes],
    ["workspaces", workspaceBytes],
    ["prepared", preparedBytes],
    ["downloads", cacheBytes],
  ] as const
  return (
    <li>
      <p className="flex flex-wrap items-baseline gap-x-4 tabular-nums">
        <span className="break-all text-muted">{host}</span>
        <span className="font-medium">{byteWords(parts.reduce((sum, [, bytes]) => sum + bytes, 0))}</span>
        {parts.map(([name, bytes]) => (
          <span key={name} className="text-muted text-sm">
            {name} {byteWords(bytes)}
          </span>
        ))}
      </p>
      {reclaimedAt !== undefined && (
        <p className="text-faint text-sm">
          tidied <Time at={reclaimedAt} />
          {kept !== undefined && `; kept what setups prepared: ${kept}`}
        </p>
      )}
    </li>
  )
}
