import { randomUUID } from "node:crypto"
import type { Context } from "../context.ts"
import { taskKeys, teamFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { countArchive } from "./counts.ts"
import { findOneAway } from "./find.ts"
import type { Whole } from "./form.ts"

/**
 * Brings a task back into Redis for somebody who writes to it: under its ids, with its log, transcript, effects and pack. It is gathered under
 * names of its own and put in place at once, so that nobody sees a part of it. False when the archive does not have it.
 */
export const bringBack = async (context: Context, ref: TaskRef): Promise<boolean> => {
  const { archive } = context
  const away = await findOneAway(context, ref)
  if (archive === null || away === null) return false
  const whole = await archive.whole(away)
  if (whole === null) return false
  const { counted, packOf, state } = whole.card
  const pack = packOf === null ? null : await archive.pack({ ref, last: state.last ?? away.last })
  if (packOf !== null && pack === null) throw new Error(`the pack of ${ref.task} is not in the archive`)
  // Before it is there: whoever repairs it must not count its turns again.
  if (counted !== "")
    await withDeadline(context.client.hsetnx(`${teamFamily(ref.team)}counted`, ref.task, counted))
  const drafts = await gatherDrafts(context, ref, whole, pack)
  const word = await withDeadline(context.run("task-restore", [...namesOf(ref, ""), ...drafts], []))
  if (word === "lost") throw new Error(`what was gathered of ${ref.task} was gone before it was whole`)
  if (word === "back") await countArchive(context, { restored: 1 })
  return true
}

/** What a writer that was killed had gathered goes away by itself. */
const draftMs = 10 * 60 * 1_000
const perWrite = 200
const chunkBytes = 1 << 20

const namesOf = (ref: TaskRef, suffix: string): string[] => {
  const { state, log, script, effects, pack, packInfo } = taskKeys(ref)
  return [state, log, script, effects, pack, packInfo].map(name => `${name}${suffix}`)
}

const gatherDrafts = async (
  { client, now }: Context,
  ref: TaskRef,
  { card, log, script }: Whole,
  pack: Buffer | null,
): Promise<string[]> => {
  const drafts = namesOf(ref, `:back:${randomUUID()}`)
  const [state = "", lines = "", entries = "", effects = "", chunks = "", info = ""] = drafts
  const written = async (key: string, writes: readonly Promise<unknown>[]) => {
    await withDeadline(Promise.all([...writes, client.pexpire(key, draftMs)]))
  }
  for (const some of inPieces(log, perWrite))
    await written(
      lines,
      some.map(([id, json]) => client.xadd(lines, id, "e", json)),
    )
  for (const some of inPieces(script, perWrite)) await written(entries, [client.rpush(entries, ...some)])
  if (Object.keys(card.effects).length > 0) await written(effects, [client.hset(effects, card.effects)])
  if (pack !== null && card.packOf !== null) {
    for (let at = 0; at < pack.length; at += chunkBytes)
      await written(chunks, [client.rpush(chunks, pack.subarray(at, at + chunkBytes))])
    await written(info, [client.set(info, card.packOf)])
  }
  // It rests from now on, so that it stays for as long as after a turn.
  await written(state, [client.hset(state, { ...card.state, back: now() })])
  return drafts
}

function* inPieces<Item>(items: readonly Item[], most: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += most) yield items.slice(at, at + most)
}
