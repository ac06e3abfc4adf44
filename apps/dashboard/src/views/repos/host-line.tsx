import type { DiskView } from "@twolane/protocol"
import { Time } from "../../ui/time.tsx"
import { byteWords } from "../../ui/words.ts"

/** Workers take no new turns below 1 GiB free; this is said well before. */
const littleFreeBytes = 4 * 1_024 ** 3

/** A machine's disk: how full, and whether that soon stops its workers. */
export const HostLine = ({ host }: { host: DiskView["hosts"][number] }) => {
  const { freeBytes, totalBytes, at } = host
  const share = totalBytes === 0 ? 0 : 1 - freeBytes / totalBytes
  const little = freeBytes < littleFreeBytes
  return (
    <li className="rounded-lg border border-line bg-surface p-3">
      <p className="flex items-baseline gap-3">
        <span className="min-w-0 flex-1 break-all font-medium">{host.host}</span>
        <span className="text-faint text-sm">
          <Time at={at} />
        </span>
      </p>
      <p className={`mt-0.5 tabular-nums ${little ? "font-medium text-warn" : "text-muted"}`}>
        {byteWords(freeBytes)} free of {byteWords(totalBytes)}
        {little && ": below 1 GB its workers take no new turns"}
      </p>
      <div
        role="img"
        aria-label={`${Math.round(share * 100)} % full`}
        className={`mt-2 h-1.5 overflow-hidden rounded-full bg-sunken ${little ? "text-warn" : "text-accent"}`}
      >
        <div className="h-full rounded-full bg-current" style={{ width: `${share * 100}%` }} />
      </div>
    </li>
  )
}
