import type { Patch } from "./patch.ts"
import { endScan, newScan, scanLine } from "./scan.ts"

/** A parsed patch, or why it is none: words for the model and the line of the patch (from 1). */
export type ParsedPatch = { ok: true; patch: Patch } | { ok: false; reason: string; line: number }

/**
 * Reads a whole V4A patch (`*** Begin Patch` … `*** End Patch`) as Codex models write it. Space around the envelope's
 * markers, a heredoc around the patch, and a missing first `@@` are taken; anything else that is not the format is
 * refused. Paths are not judged here: `applyPatch` does it.
 */
export function parsePatch(text: string): ParsedPatch {
  const scan = newScan()
  const lines = text.split("\n")
  if (lines.at(-1) === "") lines.pop()
  for (const line of lines) {
    scanLine(scan, line)
    if (scan.failure) break
  }
  endScan(scan)
  if (scan.failure) return { ok: false, ...scan.failure }
  return { ok: true, patch: { sections: scan.sections } }
}
