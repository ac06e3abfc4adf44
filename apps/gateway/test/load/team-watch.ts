import { createHash } from "node:crypto"
import type { TaskEvent } from "@twolane/protocol"
import { openReader, type Reader, type Site } from "./reader.ts"

/** What one reader of the team's stream heard. */
export type TeamWatch = {
  reader: Reader
  /** Events of its log, in their order. */
  heard(): { events: number; ended: number; digest: string }
  /** The types of each task's events, of a watch that keeps them. */
  byTask: ReadonlyMap<string, string[]>
  cursors: readonly string[]
}

/** Reads the team's stream on; `keeps` says whether it remembers what it heard, or only its digest. */
export const watchTeam = async (
  site: Site,
  { keeps, after }: { keeps: boolean; after?: string },
): Promise<TeamWatch> => {
  const hash = createHash("sha256")
  const byTask = new Map<string, string[]>()
  const cursors: string[] = []
  let events = 0
  let ended = 0
  const path = `/v1/events${after === undefined ? "" : `?after=${after}`}`
  const reader = await openReader(site, { path }, ({ id, event, data }) => {
    // How long the queue is, is no event of the log.
    if (id === undefined || event !== undefined) return
    events += 1
    hash.update(`${id}\n`)
    const { task, type } = JSON.parse(data) as TaskEvent
    if (type === "turn.ended") ended += 1
    if (!keeps) return
    cursors.push(id)
    byTask.set(task, [...(byTask.get(task) ?? []), type])
  })
  return { reader, byTask, cursors, heard: () => ({ events, ended, digest: hash.copy().digest("hex") }) }
}
