import { promisify } from "node:util"
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from "node:zlib"
import type { EventId } from "@twolane/protocol"
import { fromJson } from "../context.ts"

/** What lists and the next reader need of a task first: Redis' own fields of its state and its effects. */
export type Card = {
  state: Record<string, string>
  effects: Record<string, string>
  /** Which facts of it the KPIs have counted. */
  counted: string
  /** The checkpoint whose pack lies beside it; null when there is none. */
  packOf: string | null
}
/** An event as the log kept it. */
export type Line = readonly [id: EventId, json: string]
/** All of a task but its pack. */
export type Whole = { card: Card; log: readonly Line[]; script: readonly string[] }

/** So much of a thing has its whole card, mostly. */
export const cardBytes = 16 * 1024

const magic = Buffer.from("twltask1")
const headBytes = magic.length + 3 * 4
/** A log may be long: what is larger than this was never written by us. */
const mostBytes = 1024 ** 3

/** What is smaller is worked at once: a thread costs more than it, and its memory makes the collector run all the time. */
const smallBytes = 64 * 1024
const compressLater = promisify(zstdCompress)
const decompressLater = promisify(zstdDecompress)

/** A task as it lies in the archive: three lengths, then its card, log and transcript, each compressed by itself and with a checksum. */
export const encodeWhole = async ({ card, log, script }: Whole): Promise<Buffer> => {
  const texts = [
    JSON.stringify(card),
    log.map(([id, json]) => `${id} ${json}`).join("\n"),
    // JSON has no bare line end.
    script.join("\n"),
  ]
  const frames = await Promise.all(texts.map(compress))
  const lengths = Buffer.alloc(3 * 4)
  for (const [index, frame] of frames.entries()) lengths.writeUInt32BE(frame.length, index * 4)
  return Buffer.concat([magic, lengths, ...frames])
}

/** A task's card out of its first bytes; null when these are too few. */
export const decodeCard = async (bytes: Buffer): Promise<Card | null> => {
  const [length = 0] = lengthsOf(bytes)
  if (bytes.length < headBytes + length) return null
  return fromJson<Card>(await textOf(bytes.subarray(headBytes, headBytes + length)))
}

/** A task's log out of all of its bytes. */
export const decodeLog = async (bytes: Buffer): Promise<Line[]> => {
  const [card = 0, log = 0] = lengthsOf(bytes)
  const text = await textOf(bytes.subarray(headBytes + card, headBytes + card + log))
  return linesOf(text).map(line => {
    const space = line.indexOf(" ")
    return [line.slice(0, space), line.slice(space + 1)]
  })
}

/** All of a task. @throws Error for bytes that are not whole. */
export const decodeWhole = async (bytes: Buffer): Promise<Whole> => {
  const [card, log] = await Promise.all([decodeCard(bytes), decodeLog(bytes)])
  const [first = 0, second = 0, third = 0] = lengthsOf(bytes)
  const at = headBytes + first + second
  if (card === null || bytes.length !== at + third) throw new Error("an archived task is cut short")
  return { card, log, script: linesOf(await textOf(bytes.subarray(at))) }
}

const lengthsOf = (bytes: Buffer): number[] => {
  if (bytes.length < headBytes || !bytes.subarray(0, magic.length).equals(magic))
    throw new Error("an archived task does not begin as one")
  return [0, 4, 8].map(at => bytes.readUInt32BE(magic.length + at))
}

const compress = async (text: string): Promise<Buffer> => {
  const bytes = Buffer.from(text)
  // Told the size, it takes no more memory than that needs.
  const options = { params: { [constants.ZSTD_c_checksumFlag]: 1 }, pledgedSrcSize: bytes.length }
  return bytes.length < smallBytes ? zstdCompressSync(bytes, options) : await compressLater(bytes, options)
}

const textOf = async (frame: Buffer): Promise<string> => {
  const options = { maxOutputLength: mostBytes }
  const bytes =
    frame.length < smallBytes / 8 ? zstdDecompressSync(frame, options) : await decompressLater(frame, options)
  return bytes.toString("utf8")
}

const linesOf = (text: string): string[] => (text === "" ? [] : text.split("\n"))
