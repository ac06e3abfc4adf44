import { randomUUID } from "node:crypto"
import { readPackAway } from "../archive/find.ts"
import type { Context } from "../context.ts"
import { taskKeys } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"

const chunkBytes = 1 << 20

/** The attempt that a pack is saved by while its task is not there yet. Such a pack goes away unless the task comes (`keepPack`). */
export const beforeCreation = 0

/** Keeps the newest checkpoint's pack, in chunks; false when the attempt is not the newest. It replaces the one before when whole. */
export const savePack = async (
  context: Context,
  ref: TaskRef,
  attempt: number,
  made: { checkpoint: string; pack: Uint8Array },
): Promise<boolean> => {
  const keys = taskKeys(ref)
  // Two of the same creation may come at once: each gathers its own.
  const draft = attempt === beforeCreation ? `${keys.packDraft}:${randomUUID()}` : keys.packDraft
  const send = async (what: "first" | "more" | "last", chunk: Buffer) => {
    const args = [attempt, what, made.checkpoint, chunk]
    const names = [keys.state, draft, keys.pack, keys.packInfo]
    return (await withDeadline(context.run("task-pack", names, args))) === 1
  }
  const { buffer, byteOffset, byteLength } = made.pack
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  for (let start = 0; start === 0 || start < bytes.length; start += chunkBytes) {
    const chunk = bytes.subarray(start, start + chunkBytes)
    if (!(await send(start === 0 ? "first" : "more", chunk))) return false
  }
  return await send("last", Buffer.alloc(0))
}

/** Keeps the pack that was saved before its task was created, now that it is. */
export const keepPack = async (context: Context, ref: TaskRef): Promise<void> => {
  const keys = taskKeys(ref)
  await withDeadline(context.client.multi().persist(keys.pack).persist(keys.packInfo).exec())
}

/** The newest whole pack, or null. */
export const readPack = async (
  context: Context,
  ref: TaskRef,
): Promise<{ checkpoint: string; pack: Uint8Array } | null> => {
  const keys = taskKeys(ref)
  // One transaction: a newer pack may come at any time.
  const replies = await withDeadline(
    context.client.multi().get(keys.packInfo).lrangeBuffer(keys.pack, 0, -1).exec(),
  )
  const checkpoint = replies?.[0]?.[1]
  const chunks = replies?.[1]?.[1]
  if (typeof checkpoint !== "string" || !Array.isArray(chunks)) return await readPackAway(context, ref)
  return { checkpoint, pack: Buffer.concat(chunks.filter(chunk => Buffer.isBuffer(chunk))) }
}
