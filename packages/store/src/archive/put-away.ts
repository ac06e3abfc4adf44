import { isFinal, lastTurn, type TaskState } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { taskKeys, teamFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { openEffects } from "../task/effects.ts"
import { decodeFold } from "../task/fold-json.ts"
import { readPack } from "../task/packs.ts"
import type { Archive } from "./archive.ts"
import { type Card, encodeWhole, type Line, type Whole } from "./form.ts"

/** Since when a task has been at rest: its last turn's end, or when it came back; null while anything of it is open. */
export const restingSince = (state: TaskState, back: string | null): number | null => {
  const last = lastTurn(state)
  if (last?.endedAt === undefined || state.attemptOpen) return null
  if (state.turns.some(turn => !isFinal(turn.status))) return null
  return Math.max(last.endedAt, Number(back ?? 0))
}

/** What came of putting a task away: the bytes it takes now; or it is needed, or was there already. */
export type PutAway = { ok: true; bytes: number } | { ok: false }

/**
 * Writes a task to the archive, and then takes it out of Redis by one function, which leaves it there when anything was written to it
 * meanwhile. A crash between leaves it in Redis, which is the truth as long as it has it; what lies in the archive then is written again.
 */
export const putAway = async (context: Context, archive: Archive, ref: TaskRef): Promise<PutAway> => {
  const read = await readWhole(context, ref)
  if (read === null) return { ok: false }
  const { whole, pack } = read
  const { state, effects, counted } = whole.card
  const last = state.last ?? ""
  const bytes = await encodeWhole(whole)
  await archive.put({ ref, last }, bytes, pack)
  const keys = taskKeys(ref)
  const names = [keys.state, keys.log, keys.script, keys.effects, keys.pack, keys.packInfo, keys.packDraft]
  const args = [last, state.wn ?? "", state.gn ?? "", Object.keys(effects).length]
  if ((await withDeadline(context.run("task-archive", names, args))) !== "away") return { ok: false }
  if (counted !== "") await dropCounted(context, ref, counted)
  if (state.back !== undefined) await archive.remove(ref, last)
  return { ok: true, bytes: bytes.length + (pack?.length ?? 0) }
}

/** All of a task that is at rest; null for one that is not, or whose indexes do not know of its last event yet. */
const readWhole = async (
  context: Context,
  ref: TaskRef,
): Promise<{ whole: Whole; pack: Buffer | null } | null> => {
  const { client } = context
  const keys = taskKeys(ref)
  const family = teamFamily(ref.team)
  const [state, record, counted] = await withDeadline(
    Promise.all([
      client.hgetall(keys.state),
      client.hget(`${family}tasks`, ref.task),
      client.hget(`${family}counted`, ref.task),
    ]),
  )
  if (state.fold === undefined || restingSince(decodeFold(state.fold), null) === null) return null
  if (record?.split(" ")[0] !== state.last || record?.split(" ")[1]?.split("\n")[0] !== state.last)
    return null
  if ((await openEffects(context, ref)).length > 0) return null
  const [effects, log, script, pack] = await Promise.all([
    withDeadline(client.hgetall(keys.effects)),
    readLines(context, keys.log),
    readScript(context, keys.script),
    readPack(context, ref),
  ])
  const card: Card = { state, effects, counted: counted ?? "", packOf: pack?.checkpoint ?? null }
  return { whole: { card, log, script }, pack: pack && Buffer.from(pack.pack) }
}

const perRead = 500

const readLines = async ({ client }: Context, key: string): Promise<Line[]> => {
  const lines: Line[] = []
  for (let after = "0-0"; ; ) {
    const rows = await withDeadline(client.xrange(key, `(${after}`, "+", "COUNT", perRead))
    for (const [id, fields] of rows) lines.push([id, fields[1] ?? "null"])
    if (rows.length < perRead) return lines
    after = rows.at(-1)?.[0] ?? after
  }
}

const readScript = async ({ client }: Context, key: string): Promise<string[]> => {
  const entries: string[] = []
  for (;;) {
    const page = await withDeadline(client.lrange(key, entries.length, entries.length + perRead - 1))
    entries.push(...page)
    if (page.length < perRead) return entries
  }
}

/** Who brings the task back meanwhile put it there before: then it stays. */
const dropCounted = async ({ client }: Context, ref: TaskRef, counted: string): Promise<void> => {
  const key = `${teamFamily(ref.team)}counted`
  await withDeadline(client.hdel(key, ref.task))
  if ((await withDeadline(client.exists(taskKeys(ref).state))) === 1)
    await withDeadline(client.hsetnx(key, ref.task, counted))
}
