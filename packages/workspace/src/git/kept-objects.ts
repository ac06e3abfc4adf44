import type { ObjectInfo } from "./objects.ts"

type Read = ObjectInfo & { bytes: Buffer }

/** Small objects that were read before, by their names: what a full name stands for never changes. */
export type KeptObjects = {
  info(name: string): ObjectInfo | undefined
  read(name: string): Read | undefined
  keepInfo(name: string, info: ObjectInfo): void
  keep(name: string, read: Read): void
}

const mostInfos = 10_000
const mostBytes = 16 * 1024 * 1024
/** Larger ones are read again: few of them would push out all others. */
const mostBytesOfOne = 256 * 1024

/** Keeps nothing yet. The longest unused goes first. */
export const keepObjects = (): KeptObjects => {
  const infos = new Map<string, ObjectInfo>()
  const reads = new Map<string, Read>()
  let bytes = 0
  const drop = (name: string) => {
    bytes -= reads.get(name)?.size ?? 0
    reads.delete(name)
  }
  return {
    info: name => infos.get(name),
    read: name => {
      const found = reads.get(name)
      if (found === undefined) return undefined
      reads.delete(name)
      reads.set(name, found)
      return found
    },
    keepInfo: (name, info) => {
      if (!isFixed(name)) return
      if (infos.size >= mostInfos) infos.clear()
      infos.set(name, info)
    },
    keep: (name, read) => {
      if (!isFixed(name) || read.size > mostBytesOfOne) return
      drop(name)
      // A copy of its own: the bytes are a part of all that git said at once.
      reads.set(name, { ...read, bytes: Buffer.from(read.bytes) })
      bytes += read.size
      for (const [oldest] of reads) {
        if (bytes <= mostBytes) break
        drop(oldest)
      }
    },
  }
}

/** A whole name of an object, or of a commit's tree; anything shorter, and every ref, may mean something else tomorrow. */
const isFixed = (name: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})(?:\^\{tree\})?$/.test(name)
