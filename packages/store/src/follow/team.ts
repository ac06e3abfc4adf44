import { Fault, isFault, type QueueChanged, type TaskEvent } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Hub } from "./hub.ts"
import { makeMailbox } from "./mailbox.ts"

/** What the team's stream yields. */
export type TeamItem = TeamEvent | { reset: true } | QueueChanged
type TeamEvent = { cursor: string; event: TaskEvent }

const idleMs = 5_000
const pageSize = 500

/**
 * Every event of a team after a cursor (null: from now on), then live. `reset` comes first when the cursor is older than what is
 * kept. Ends by the signal only. @throws Fault bad-cursor.
 */
export async function* followTeam(
  context: Context,
  hub: Hub,
  from: { team: string; cursor: string | null },
  signal: AbortSignal,
): AsyncGenerator<TeamItem> {
  const place = from.cursor === null ? null : placeOf(from.cursor)
  const family = teamFamily(from.team)
  using box = makeMailbox<string>(idleMs, signal)
  const stop = await hub.listen([`${family}live`], box.put)
  try {
    const start = await startOf(context, `${family}events`, place)
    if (start.reset) yield { reset: true }
    yield* start.rest
    let last = start.last
    for (let text: string | null | undefined = null; text !== undefined; text = await box.take()) {
      if (text?.startsWith("{") === true) yield fromJson<QueueChanged>(text)
      else {
        for await (const item of pageAfter(context, `${family}events`, last)) {
          if (signal.aborted) return
          last = placeOf(item.cursor).entry
          yield item
        }
      }
    }
  } finally {
    stop()
  }
}

/** An entry of the stream, which holds the events of one write; and, for a cursor within it, how many of them were seen. */
type Place = { entry: string; seen: number | null }

const placeOf = (cursor: string): Place => {
  const [, entry, seen] = /^(\d{1,15}-\d{1,15})(?:\.(\d{1,6}))?$/.exec(cursor) ?? []
  if (entry === undefined) throw new Fault("bad-cursor", "the cursor is not one of the team's stream")
  return { entry, seen: seen === undefined ? null : Number(seen) }
}

type Start = { last: string; reset: boolean; rest: TeamEvent[] }

/** A cursor that was handed out names an entry that is there, unless it was trimmed. */
const startOf = async (context: Context, stream: string, place: Place | null): Promise<Start> => {
  if (place?.entry === "0-0") return { last: place.entry, reset: false, rest: [] }
  if (place !== null) {
    const [there] = await withDeadline(context.client.xrange(stream, place.entry, place.entry))
    if (there !== undefined) {
      const rest = place.seen === null ? [] : eventsOf(there).slice(place.seen)
      return { last: place.entry, reset: false, rest }
    }
  }
  const [newest] = await withDeadline(context.client.xrevrange(stream, "+", "-", "COUNT", 1))
  return { last: newest?.[0] ?? "0-0", reset: place !== null, rest: [] }
}

/** The events of an entry, each with a cursor of its own: the last one's is the entry's id. */
const eventsOf = ([id, fields]: [string, string[]]): TeamEvent[] => {
  const kept = fromJson<TaskEvent | TaskEvent[]>(fields[fields.indexOf("e") + 1] ?? "[]")
  // An older version wrote an entry for each event.
  const events = Array.isArray(kept) ? kept : [kept]
  return events.map((event, index) => ({
    cursor: index === events.length - 1 ? id : `${id}.${index + 1}`,
    event,
  }))
}

async function* pageAfter(context: Context, stream: string, after: string): AsyncGenerator<TeamEvent> {
  let last = after
  try {
    for (;;) {
      const rows = await withDeadline(context.client.xrange(stream, `(${last}`, "+", "COUNT", pageSize))
      for (const row of rows) {
        yield* eventsOf(row)
        last = row[0]
      }
      if (rows.length < pageSize) return
    }
  } catch (error) {
    // The next wake-up, or the idle time, reads on from the last that was yielded.
    if (!isFault(error, "store-unavailable")) throw error
  }
}

/** The events of entries after one, the id of the last entry, and whether there may be more than these. */
export const readTeamEntries = async (
  context: Context,
  team: string,
  after: string,
  most: number,
): Promise<{ events: TaskEvent[]; last: string; full: boolean }> => {
  const reading = context.client.xrange(`${teamFamily(team)}events`, `(${after}`, "+", "COUNT", most)
  const rows = await withDeadline(reading)
  return {
    events: rows.flatMap(row => eventsOf(row).map(({ event }) => event)),
    last: rows.at(-1)?.[0] ?? after,
    full: rows.length === most,
  }
}
