import { refusePath } from "@twolane/common/patch/paths"
import { places } from "../jail/room.ts"
import type { ReadInput, ReadOutcome } from "./protocol.ts"
import { readRegular, type Tree, WayBlocked } from "./tree.ts"

const maxFileBytes = 16 * 1024 ** 2
const maxTextChars = 256 * 1024

/** Models name files in more than one way; all mean the same path of the tree. */
export const plainPath = (path: string): string => {
  const inTree = path.startsWith(`${places.tree}/`) ? path.slice(places.tree.length + 1) : path
  return inTree.replace(/^(\.\/)+/, "")
}

/** Reads a part of a text file, no link followed. */
export const readPart = (tree: Tree, { path: given, offset, limit }: ReadInput): ReadOutcome => {
  const path = plainPath(given)
  const refusal = refusePath(path)
  if (refusal !== null) return { ok: false, reason: refusal }
  const bytes = readBytes(tree, path)
  if (!Buffer.isBuffer(bytes)) return { ok: false, reason: `${path} can't be read: ${bytes.reason}.` }
  if (bytes.includes(0)) return { ok: false, reason: `${path} can't be read: it is a binary file.` }
  const text = new TextDecoder().decode(bytes)
  const lines = text.split("\n")
  if (lines.at(-1) === "") lines.pop()
  const from = Math.max(1, offset) - 1
  const wanted = lines.slice(from, from + limit).join("\n")
  const ended = from + limit >= lines.length
  const part = ended && text.endsWith("\n") && wanted !== "" ? `${wanted}\n` : wanted
  return {
    ok: true,
    text: part.slice(0, maxTextChars),
    lines: lines.length,
    truncated: !ended || part.length > maxTextChars,
  }
}

const readBytes = (tree: Tree, path: string): Buffer | { reason: string } => {
  try {
    return (
      tree.inFolderOf(path, ({ at }) => readRegular(at, maxFileBytes)) ?? { reason: "there is no such file" }
    )
  } catch (error) {
    if (error instanceof WayBlocked) return { reason: error.message }
    throw error
  }
}
