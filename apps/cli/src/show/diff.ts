import { clean } from "@twolane/common/clean"
import type { Piece, Tone } from "./progress.ts"

/** A patch as pieces to print, safe and coloured; beyond `maxLines` it says how many are left. */
export const diffPieces = (patch: string, maxLines = Number.POSITIVE_INFINITY): Piece[] => {
  const lines = clean(patch).replace(/\n$/, "").split("\n")
  if (patch === "") return []
  const pieces = lines.slice(0, maxLines).map((text): Piece => ({ kind: "line", text, tone: toneOf(text) }))
  const left = lines.length - pieces.length
  return left <= 0 ? pieces : [...pieces, { kind: "line", text: `… ${left} more lines`, tone: "dim" }]
}

/** A patch without the lines of object names, which only git reads. */
export const withoutObjectNames = (patch: string): string => patch.replace(/^index [0-9a-f]+\.\..*\n/gm, "")

const toneOf = (line: string): Tone => {
  if (/^(?:diff |index |\+\+\+ |--- )/.test(line)) return "strong"
  if (line.startsWith("@@")) return "place"
  if (line.startsWith("+")) return "good"
  return line.startsWith("-") ? "bad" : "plain"
}
