import type { QueuePlace } from "@twolane/protocol"
import { Until } from "../ui/time.tsx"
import { aboutWords } from "../ui/words.ts"
import { WithTitles } from "./task-title.tsx"

/** When a task that waits about starts, and why it waits. `links`: the tasks that it waits for are links, which nothing inside of a link may be. */
export const WaitReason = ({ place, links = false }: { place: QueuePlace; links?: boolean }) => {
  const { reason, etaMs, after, notBefore, startBy } = place
  return (
    <>
      {etaMs !== undefined && etaMs > 0 && `${aboutWords(etaMs)}: `}
      {(after !== undefined || notBefore === undefined) && <WithTitles text={reason} links={links} />}
      {after !== undefined && notBefore !== undefined && ", and "}
      {notBefore !== undefined && (
        <>
          not before <Until at={notBefore} />
        </>
      )}
      {notBefore !== undefined && startBy !== undefined && after === undefined && (
        <>
          ; it ends unless it begins by <Until at={startBy} />
        </>
      )}
    </>
  )
}

/** Whether it stands in line; else it waits for other tasks, or for a time, and its place there would say nothing. */
export const standsInLine = ({ after, notBefore }: QueuePlace): boolean =>
  after === undefined && notBefore === undefined
