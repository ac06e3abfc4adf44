import { mkdir, rm, writeFile } from "node:fs/promises"
import { isAbsolute, join } from "node:path"
import { keepObjects } from "./kept-objects.ts"
import { asSha } from "./refs.ts"
import { oneLine, openResident, type Parsed, type Resident } from "./resident.ts"

export type ObjectType = "blob" | "tree" | "commit" | "tag"

/** An object's name, type and size in bytes. */
export type ObjectInfo = { sha: string; type: ObjectType; size: number }

/** One entry of a tree. Names are byte strings (one character per byte), so that every name git has comes through. */
export type TreeEntry = { mode: string; name: string; sha: string }

/** Reads and writes objects of one mirror through resident git processes: no index, no filter, no working tree. */
export type Objects = AsyncDisposable & {
  /** What a name or revision stands for; null when there is no such thing. */
  info(name: string, signal: AbortSignal): Promise<ObjectInfo | null>
  /** An object's bytes; null when it is not there or is larger than `maxBytes`. */
  read(name: string, maxBytes: number, signal: AbortSignal): Promise<(ObjectInfo & { bytes: Buffer }) | null>
  /** Writes the bytes of a file as a blob, as they are. The path must be absolute and our own. */
  writeFileBlob(path: string, signal: AbortSignal): Promise<string>
  writeBlob(bytes: Uint8Array, signal: AbortSignal): Promise<string>
  /** Writes a commit given as git stores it. */
  writeCommit(text: string, signal: AbortSignal): Promise<string>
  /** Writes a tree; its entries are sorted by git. */
  writeTree(entries: readonly TreeEntry[], signal: AbortSignal): Promise<string>
  /** Sets, moves or deletes one ref; `from` is the value it must have now (null: it must not exist). */
  setRef(change: RefChange, signal: AbortSignal): Promise<void>
}

export type RefChange = { ref: string; to: string | null; from?: string | null }

/** Opens the residents of a bare repository; `scratch` is a private folder of ours for bytes on their way in. */
export const openObjects = (gitDir: string, scratch: string): Objects => {
  const again = { repeat: true }
  const hash = ["-w", "--no-filters", "--stdin-paths"]
  const reader = openResident({ gitDir, command: "cat-file", args: ["--batch-command"] }, again)
  const blobs = openResident({ gitDir, command: "hash-object", args: hash }, again)
  const commits = openResident({ gitDir, command: "hash-object", args: ["-t", "commit", ...hash] }, again)
  // `--missing`: every object named was there before or has just been written; looking each up costs by the folder.
  const trees = openResident({ gitDir, command: "mktree", args: ["-z", "--missing", "--batch"] }, again)
  const kept = keepObjects()
  const infoOf = async (name: string, signal: AbortSignal) => {
    const known = kept.info(name)
    if (known !== undefined) return known
    const info = await reader.ask(`info ${asName(name)}\n`, parseInfo, signal)
    if (info !== null) kept.keepInfo(name, info)
    return info
  }
  const refs = openResident({ gitDir, command: "update-ref", args: ["--stdin"] }, { repeat: false })
  const viaFile = async (resident: Resident, bytes: string | Uint8Array, signal: AbortSignal) => {
    const file = join(scratch, `in-${crypto.randomUUID()}`)
    await mkdir(scratch, { recursive: true, mode: 0o700 })
    await writeFile(file, bytes, { mode: 0o600, flag: "wx" })
    try {
      return await hashPath(resident, file, signal)
    } finally {
      await rm(file, { force: true })
    }
  }
  return {
    info: infoOf,
    async read(name, maxBytes, signal) {
      const known = kept.read(name)
      if (known !== undefined) return known.size > maxBytes ? null : known
      const info = await infoOf(name, signal)
      if (info === null || info.size > maxBytes) return null
      const read = await reader.ask(`contents ${info.sha}\n`, parseContents, signal)
      if (read !== null) kept.keep(name, read)
      return read
    },
    writeFileBlob: (path, signal) => hashPath(blobs, path, signal),
    writeBlob: (bytes, signal) => viaFile(blobs, bytes, signal),
    writeCommit: (text, signal) => viaFile(commits, text, signal),
    async writeTree(entries, signal) {
      const lines = entries.map(({ mode, name, sha }) => `${mode} ${typeOf(mode)} ${asSha(sha)}\t${name}\0`)
      return asSha(await trees.ask(Buffer.from(`${lines.join("")}\0`, "latin1"), oneLine, signal))
    },
    setRef: (change, signal) => askRef(refs, change, signal),
    async [Symbol.asyncDispose]() {
      await Promise.all([reader, blobs, commits, trees, refs].map(each => each[Symbol.asyncDispose]()))
    },
  }
}

const asName = (name: string): string => {
  if (name === "" || /[\0\n]/.test(name)) throw new Error("not a name of an object")
  return name
}

const hashPath = async (resident: Resident, path: string, signal: AbortSignal): Promise<string> => {
  if (!isAbsolute(path) || /[\0\r\n]/.test(path)) throw new Error("not a path of a copy of ours")
  return asSha(await resident.ask(`${path}\n`, oneLine, signal))
}

/** The type of object that a tree entry's mode stands for. */
export const typeOf = (mode: string): "tree" | "commit" | "blob" =>
  mode === "40000" || mode === "040000" ? "tree" : mode === "160000" ? "commit" : "blob"

const header = (line: string): ObjectInfo | null => {
  const [, sha, type, size] = /^([0-9a-f]{40}|[0-9a-f]{64}) (blob|tree|commit|tag) (\d+)$/.exec(line) ?? []
  return sha === undefined ? null : { sha, type: type as ObjectType, size: Number(size) }
}

const parseInfo = (bytes: Buffer): Parsed<ObjectInfo | null> => {
  const line = oneLine(bytes)
  return "need" in line ? line : { reply: header(line.reply), used: line.used }
}

const parseContents = (bytes: Buffer): Parsed<(ObjectInfo & { bytes: Buffer }) | null> => {
  const line = oneLine(bytes)
  if ("need" in line) return line
  const info = header(line.reply)
  if (info === null) return { reply: null, used: line.used }
  const end = line.used + info.size
  if (bytes.length < end + 1) return { need: end + 1 }
  return { reply: { ...info, bytes: bytes.subarray(line.used, end) }, used: end + 1 }
}

const threeLines = (bytes: Buffer): Parsed<string> => {
  let end = -1
  for (let line = 0; line < 3; line += 1) {
    end = bytes.indexOf(10, end + 1)
    if (end < 0) return { need: 0 }
  }
  return { reply: bytes.toString("utf8", 0, end), used: end + 1 }
}

/** One transaction. When it is refused the resident ends, and the error carries git's words. */
const askRef = async (
  resident: Resident,
  { ref, to, from }: RefChange,
  signal: AbortSignal,
): Promise<void> => {
  if (!/^refs\/[A-Za-z0-9][A-Za-z0-9_/-]*$/.test(ref))
    throw new Error(`not a ref of ours: ${ref.slice(0, 80)}`)
  const old = from === undefined ? "" : ` ${from === null ? "0".repeat(to?.length ?? 40) : asSha(from)}`
  const verb = to === null ? `delete ${ref}${old}` : `update ${ref} ${asSha(to)}${old}`
  await resident.ask(`start\n${verb}\nprepare\ncommit\n`, threeLines, signal)
}
