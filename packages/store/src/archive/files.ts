import { randomUUID } from "node:crypto"
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Shelf } from "./shelf.ts"

/** What is being written lies here until all of it is there. */
const parts = "parts"
/** A part that nobody touched for so long belongs to a writer that is gone. */
const goneMs = 60 * 60 * 1_000

/** Keeps things as files below a folder, which all processes that read them share. */
export const openFiles = (folder: string): Shelf => {
  const made = new Map<string, Promise<void>>()
  const makeFolder = (path: string): Promise<void> => {
    const known = made.get(path)
    if (known !== undefined) return known
    const making = mkdirDurably(path)
    making.catch(() => made.delete(path))
    made.set(path, making)
    return making
  }
  return {
    place: folder,
    put: async (name, bytes) => {
      const target = join(folder, name)
      const part = join(folder, parts, randomUUID())
      await Promise.all([makeFolder(dirname(target)), makeFolder(dirname(part))])
      try {
        await writeDurably(part, bytes)
        await rename(part, target)
      } catch (error) {
        // Somebody may have taken the folders away: the next write looks again.
        made.clear()
        await rm(part, { force: true })
        throw error
      }
      await syncFolder(dirname(target))
    },
    get: async (name, firstBytes) => await orNull(readFirst(join(folder, name), firstBytes)),
    list: async prefix => {
      const within = dirname(prefix)
      const names = (await orNull(readdir(join(folder, within)))) ?? []
      return names.map(name => join(within, name)).filter(name => name.startsWith(prefix))
    },
    remove: name => rm(join(folder, name), { force: true }),
    tidy: async () => {
      for (const name of (await orNull(readdir(join(folder, parts)))) ?? []) {
        const path = join(folder, parts, name)
        const found = await orNull(stat(path))
        if (found !== null && found.mtimeMs < Date.now() - goneMs) await rm(path, { force: true })
      }
    },
  }
}

const writeDurably = async (path: string, bytes: Uint8Array): Promise<void> => {
  await using file = await open(path, "wx", 0o600)
  await file.writeFile(bytes)
  await file.sync()
}

/** A name is as durable as its folder is; that of a new folder as the one above. */
const mkdirDurably = async (path: string): Promise<void> => {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at))
}

const syncFolder = async (path: string): Promise<void> => {
  await using folder = await open(path, "r")
  await folder.sync()
}

const readFirst = async (path: string, firstBytes: number | undefined): Promise<Buffer> => {
  await using file = await open(path, "r")
  if (firstBytes === undefined) return await file.readFile()
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(firstBytes), 0, firstBytes, 0)
  return buffer.subarray(0, bytesRead)
}

const orNull = async <Value>(reading: Promise<Value>): Promise<Value | null> => {
  try {
    return await reading
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null
    throw error
  }
}
