import { type Line, lineEndOf, linesOf, textOf } from "./lines.ts"
import type { Hunk } from "./patch.ts"
import { type Haystack, haystackOf, seekLines, standsAt } from "./seek.ts"

/** A file's text after the hunks, or why they don't fit, in words for the model. */
export type AppliedText = { ok: true; after: string } | { ok: false; reason: string }

/** Where a hunk goes: the file's lines from `at`, replaced by the hunk's `lines`. */
type Place = { at: number; hunk: Hunk; lines: Hunk["lines"] }

/**
 * Applies an update section's hunks to a file's text, in order, each after the one before. What a hunk does not touch
 * stays byte for byte, context lines too where they matched only roughly; a line that is added ends as its neighbours
 * do (CRLF stays CRLF). A final newline is an empty last line, so it stays unless the hunk changes that line.
 */
export function applyToText(before: string, hunks: readonly Hunk[]): AppliedText {
  const lines = linesOf(before)
  const haystack = haystackOf(lines.map(line => line.text))
  const out: Line[] = []
  let done = 0
  for (const [n, hunk] of hunks.entries()) {
    const place = placeOf(haystack, hunk, done)
    if (typeof place === "string")
      return { ok: false, reason: `hunk ${n + 1} (line ${hunk.line} of the patch): ${place}` }
    for (; done < place.at; done += 1) pushLine(out, lines[done])
    done = replaceLines(out, lines, place)
  }
  for (; done < lines.length; done += 1) pushLine(out, lines[done])
  return { ok: true, after: textOf(out, lineEndOf(lines)) }
}

/** Copies the place's context lines from the file, leaves out the removed ones, adds the new ones; where it ends. */
function replaceLines(out: Line[], lines: readonly Line[], place: Place): number {
  const fileEol = lineEndOf(lines)
  let at = place.at
  for (const line of place.lines) {
    if (line.kind === "context") pushLine(out, lines[at++])
    else if (line.kind === "remove") at += 1
    else {
      const eol = out.at(-1)?.eol || lines[at]?.eol || fileEol
      // A patch copied from a CRLF file brings the mark along.
      const text = eol === "\r\n" && line.text.endsWith("\r") ? line.text.slice(0, -1) : line.text
      out.push({ text, eol })
    }
  }
  return at
}

const pushLine = (out: Line[], line: Line | undefined): void => {
  if (line) out.push(line)
}

/** Finds where a hunk goes, at or after `from`; else the reason. */
function placeOf(haystack: Haystack, hunk: Hunk, from: number): Place | string {
  let start = from
  let anchorAt = from
  for (const anchor of hunk.anchors) {
    const found = seekLines(haystack, [anchor], start)
    if (found === null) return anchorMissing(haystack, anchor, start)
    anchorAt = found
    start = found + 1
  }
  const old = oldLines(hunk.lines)
  if (old.length === 0) return insertion(haystack, hunk, start)
  const at = seekOld(haystack, hunk, old, start, anchorAt)
  if (at !== null) return { at, hunk, lines: hunk.lines }
  // Models often leave a blank line after a hunk, which reads as one more context line.
  const last = hunk.lines.at(-1)
  if (last?.kind === "context" && last.text === "" && old.length > 1) {
    const shorter = seekOld(haystack, hunk, old.slice(0, -1), start, anchorAt)
    if (shorter !== null) return { at: shorter, hunk, lines: hunk.lines.slice(0, -1) }
  }
  return oldMissing(haystack, hunk, old)
}

const oldLines = (lines: Hunk["lines"]): string[] =>
  lines
    .filter(line => line.kind !== "add")
    .map(({ text }) => (text.endsWith("\r") ? text.slice(0, -1) : text))

/** Only new lines: after the anchor, else at the end of the file, before the empty line that a final newline makes. */
function insertion(haystack: Haystack, hunk: Hunk, start: number): Place {
  const { lines } = hunk
  if (hunk.anchors.length > 0 && !hunk.endOfFile) return { at: start, hunk, lines }
  const end = haystack.length - (haystack.view(0).at(-1) === "" ? 1 : 0)
  return { at: Math.max(start, end), hunk, lines }
}

function seekOld(haystack: Haystack, hunk: Hunk, old: string[], start: number, anchorAt: number) {
  if (!hunk.endOfFile) {
    const found = seekLines(haystack, old, start)
    if (found !== null || start === anchorAt) return found
    // Some models repeat the anchor as the first line of context.
    return standsAt(haystack, old, anchorAt) ? anchorAt : null
  }
  const end = haystack.length - old.length
  const beforeFinalNewline = haystack.view(0).at(-1) === "" ? end - 1 : end
  const at = [end, beforeFinalNewline].find(at => at >= start && standsAt(haystack, old, at))
  return at ?? null
}

function anchorMissing(haystack: Haystack, anchor: string, start: number): string {
  if (/^-\d+(,\d+)? \+\d+/.test(anchor)) return "'@@' takes a line of the file (or nothing), no line numbers."
  const earlier = start > 0 && seekLines(haystack, [anchor], 0) !== null
  const where = start === 0 ? "the file has no line" : `the file has no line after line ${start}`
  const hint = earlier ? " It has one before: give the hunks in the order of the file." : ""
  return `${where} that is '${clip(anchor)}' (the '@@' anchor must be a whole line).${hint}`
}

function oldMissing(haystack: Haystack, hunk: Hunk, old: string[]): string {
  const earlier = seekLines(haystack, old, 0)
  if (hunk.endOfFile && earlier !== null)
    return `its lines stand at line ${earlier + 1}, but not at the end of the file as '*** End of File' says.`
  if (earlier !== null)
    return `its lines stand at line ${earlier + 1} only, before the hunk or anchor above it: give the hunks in the order of the file, and lines below their anchor.`
  const near = nearest(haystack, old)
  if (near === null) return `the file has no line '${clip(old.find(line => line.trim() !== "") ?? "")}'.`
  const found = haystack.view(0)[near.at]
  const has = found === undefined ? "the file ends there" : `the file has '${clip(found)}'`
  return `it does not match: where it expects '${clip(old[near.matched] ?? "")}' (line ${near.at + 1}), ${has}. Read the file again.`
}

/** The place where most of the first lines match, trimmed; bounded, since it only serves the message. */
function nearest(haystack: Haystack, old: readonly string[]): { at: number; matched: number } | null {
  const lines = haystack.view(2)
  const pattern = old.slice(0, 100).map(line => line.trim())
  let best: { at: number; matched: number } | null = null
  let looked = 0
  for (let at = 0; at < lines.length && looked < 1_000; at += 1) {
    if (lines[at] !== pattern[0]) continue
    looked += 1
    let matched = 1
    while (matched < pattern.length && lines[at + matched] === pattern[matched]) matched += 1
    if (matched < old.length && (best === null || matched > best.matched))
      best = { at: at + matched, matched }
  }
  return best
}

const clip = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text)
