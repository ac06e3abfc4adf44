import { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import type { Context } from "../context.ts"
import { archiveKey, leaseKey } from "../keys.ts"
import { makeLease } from "../lease/lease.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Shelf } from "./shelf.ts"

/** Says whose archive it is. */
const idName = "archive-id"
const lockMs = 10_000
const lookAgainMs = 50

/**
 * Whether a shelf is the archive of this Redis; null, or why it is not. Redis and the archive say the same id: a folder of the same name on
 * another host says none, or its own.
 */
export const joinArchive = async (
  context: Context,
  shelf: Shelf | null,
  how: "make" | "look",
): Promise<string | null> => {
  if (shelf === null) {
    const known = await withDeadline(context.client.get(archiveKey))
    return known === null ? null : "finished tasks lie in an archive, and TWOLANE_ARCHIVE is off"
  }
  if (how === "look") return await compare(context, shelf)
  const lock = makeLease(context, leaseKey("join the archive"), lockMs)
  const until = performance.now() + 2 * lockMs
  while (!(await lock.renew())) {
    if (performance.now() > until) return "another process has been looking at the archive for too long"
    await sleep(lookAgainMs)
  }
  try {
    return await joinAlone(context, shelf)
  } finally {
    await lock.release()
  }
}

/** The archive is given its id first: when this is interrupted, whoever comes next goes by that. */
const joinAlone = async (context: Context, shelf: Shelf): Promise<string | null> => {
  const { known, found } = await readIds(context, shelf)
  if (known !== null) return judge(shelf, known, found)
  const id = found ?? randomUUID()
  if (found === null) await shelf.put(idName, Buffer.from(id))
  await withDeadline(context.client.set(archiveKey, id))
  return null
}

const compare = async (context: Context, shelf: Shelf): Promise<string | null> => {
  const { known, found } = await readIds(context, shelf)
  return known === null ? null : judge(shelf, known, found)
}

const readIds = async ({ client }: Context, shelf: Shelf) => ({
  known: await withDeadline(client.get(archiveKey)),
  found: (await shelf.get(idName))?.toString("utf8") ?? null,
})

const judge = ({ place }: Shelf, known: string, found: string | null): string | null => {
  if (found === null)
    return `the archive of finished tasks is not at ${place}: share its folder with this host, or keep it in S3 (TWOLANE_ARCHIVE)`
  return known === found ? null : `what lies at ${place} is another archive (TWOLANE_ARCHIVE)`
}
