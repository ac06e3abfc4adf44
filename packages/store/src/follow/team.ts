import { Fault, isFault, type QueueChanged, type TaskEvent } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Hub } from "./hub.ts"
import { makeMailbox } from "./mailbox.ts"

/** What the team's stream yields. */
export type TeamItem = { cursor: string; event: TaskEvent } | { reset: true } | QueueChanged

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
  if (from.cursor !== null && !/^\d{1,15}-\d{1,15}$/.test(from.cursor))
    throw new Fault("bad-cursor", "the cursor is not one of the team's stream")
  const family = teamFamily(from.team)
  const box = makeMailbox(idleMs)
  const stop = await hub.listen(`${family}live`, box.put)
  try {
    const start = await startOf(context, `${family}events`, from.cursor)
    if (start.reset) yield { reset: true }
    let last = start.last
    for (let text: string | null | undefined = null; text !== undefined; text = await box.take(signal)) {
      if (text?.startsWith("{") === true) yield fromJson<QueueChanged>(text)
      else {
        for await (const item of pageAfter(context, `${family}events`, last)) {
          if (signal.aborted) return
          last = item.cursor
          yield item
        }
      }
    }
  } finally {
    stop()
  }
}

/** A cursor that was handed out names an entry that is there, unless it was trimmed. */
const startOf = async (context: Context, stream: string, cursor: string | null) => {
  if (cursor === "0-0") return { last: cursor, reset: false }
  if (cursor !== null) {
    const [there] = await withDeadline(context.client.xrange(stream, cursor, cursor))
    if (there !== undefined) return { last: cursor, reset: false }
  }
  const [newest] = await withDeadline(context.client.xrevrange(stream, "+", "-", "COUNT", 1))
  return { last: newest?.[0] ?? "0-0", reset: cursor !== null }
}

async function* pageAfter(
  context: Context,
  stream: string,
  after: string,
): AsyncGenerator<{ cursor: string; event: TaskEvent }> {
  let last = after
  try {
    for (;;) {
      const rows = await withDeadline(context.client.xrange(stream, `(${last}`, "+", "COUNT", pageSize))
      for (const [cursor, fields] of rows) {
        last = cursor
        yield { cursor, event: fromJson<TaskEvent>(fields[fields.indexOf("e") + 1] ?? "null") }
      }
      if (rows.length < pageSize) return
    }
  } catch (error) {
    // The next wake-up, or the idle time, reads on from the last that was yielded.
    if (!isFault(error, "store-unavailable")) throw error
  }
}
