import { randomUUID } from "node:crypto"
import type { HistoryConfig } from "@twolane/common"
import { openFiles } from "./files.ts"
import { openS3 } from "./s3.ts"
import type { Shelf } from "./shelf.ts"

/** Opens where the settings say that finished tasks go; undefined: nowhere. */
export const openShelf = ({ archive }: HistoryConfig): Shelf | undefined => {
  if (archive === null) return undefined
  return "folder" in archive ? openFiles(archive.folder) : openS3(archive)
}

/** Writes, reads and removes something. @throws whatever keeps it from that */
export const probeShelf = async (shelf: Shelf): Promise<void> => {
  const name = `probes/${randomUUID()}`
  const bytes = Buffer.from(name)
  await shelf.put(name, bytes)
  const found = await shelf.get(name)
  await shelf.remove(name)
  if (found?.equals(bytes) !== true) throw new Error("it does not give back what was written")
}
