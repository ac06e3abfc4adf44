import type { Hunk, HunkLine, PatchFailure, Section } from "./patch.ts"

/**
 * The state of reading a patch line by line. Both `parsePatch` and the incremental reader drive it, so that they
 * can't disagree. `failure` is the first thing that is wrong; nothing is read after it.
 */
export type Scan = {
  sections: Section[]
  failure: PatchFailure | null
  /** How many lines were read. */
  line: number
  mode: "begin" | "between" | "add" | "update" | "ended"
  /** The patch itself is written with CRLF: the mark at each line's end is none of its text. */
  crlf: boolean
  heredoc: string | null
}

const begin = "*** Begin Patch"
const end = "*** End Patch"
const endOfFile = "*** End of File"
const moveTo = "*** Move to: "
const headers = { add: "*** Add File: ", delete: "*** Delete File: ", update: "*** Update File: " } as const
const validHeaders =
  "a file section begins with '*** Add File: {path}', '*** Delete File: {path}' or '*** Update File: {path}'"
const heredocStart = /^(?:apply_?patch\s+)?<<-?\s*(['"]?)(\w+)\1$/

/** A scan that has read nothing yet. */
export const newScan = (): Scan => ({
  sections: [],
  failure: null,
  line: 0,
  mode: "begin",
  crlf: false,
  heredoc: null,
})

/** Reads one line, without its newline. */
export function scanLine(scan: Scan, raw: string): void {
  if (scan.failure) return
  scan.line += 1
  const text = scan.crlf && raw.endsWith("\r") ? raw.slice(0, -1) : raw
  scan.failure = steps[scan.mode](scan, text)
}

/** Says that the text is over; afterwards `failure` is null only for a whole patch. */
export function endScan(scan: Scan): void {
  if (scan.failure || scan.mode === "ended") return
  scan.failure =
    scan.mode === "begin"
      ? noBegin(scan)
      : fail(scan, `The last line of the patch must be '${end}': it was cut off.`)
}

/** What reading a line says: why it may not stand there, or null. */
type Verdict = PatchFailure | null
type UpdateSection = Section & { type: "update" }

const steps: Record<Scan["mode"], (scan: Scan, text: string) => Verdict> = {
  begin: scanBegin,
  between: scanBetween,
  add: scanAdd,
  update: scanUpdate,
  ended: scanEnded,
}

function scanBegin(scan: Scan, text: string): Verdict {
  const line = text.trim()
  if (line === "") return null
  const heredoc = heredocStart.exec(line)
  if (heredoc && scan.heredoc === null) {
    scan.heredoc = heredoc[2] ?? null
    return null
  }
  if (line !== begin) return noBegin(scan)
  scan.crlf = text.endsWith("\r")
  scan.mode = "between"
  return null
}

const noBegin = (scan: Scan): PatchFailure => fail(scan, `The first line of the patch must be '${begin}'.`)

function scanBetween(scan: Scan, text: string): Verdict {
  if (text.trim() === "") return null
  const header = scanHeader(scan, text)
  return header === undefined
    ? fail(scan, `'${short(text)}' begins no file section; ${validHeaders}.`)
    : header
}

function scanAdd(scan: Scan, text: string): Verdict {
  const section = scan.sections.at(-1)
  if (text.startsWith("+") && section?.type === "add") {
    section.lines.push(text.slice(1))
    section.added += 1
    return null
  }
  // A blank line may stand before the next header. One within the file's text shows at the `+` that follows it.
  if (text.trim() === "") {
    scan.mode = "between"
    return null
  }
  const header = scanHeader(scan, text)
  if (header !== undefined) return header
  return fail(scan, `'${short(text)}' does not begin with '+': every line of an added file does.`)
}

function scanUpdate(scan: Scan, text: string): Verdict {
  const section = scan.sections.at(-1)
  if (section?.type !== "update") return null
  if (text.startsWith("*")) return scanStar(scan, section, text)
  if (text === "@@" || text.startsWith("@@ ")) {
    openHunk(scan, section, text.slice(3).trimEnd())
    return null
  }
  const open = section.hunks.at(-1)
  // Blank lines may stand between hunks.
  if ((!open || open.endOfFile) && text.trim() === "") return null
  if (open?.endOfFile)
    return fail(scan, `'${short(text)}' follows '${endOfFile}': begin the next hunk with '@@'.`)
  const line = hunkLine(text)
  if (!line) {
    const marks = "' ' (context), '+' (added), '-' (removed) or '@@' (a new hunk)"
    return fail(scan, `'${short(text)}' must begin with ${marks}.`)
  }
  // `@@` may be left off before the first hunk.
  const hunk = open ?? newHunk(scan, section)
  hunk.lines.push(line)
  if (line.kind === "add") section.added += 1
  if (line.kind === "remove") section.removed += 1
  return null
}

const kinds: ReadonlyMap<string, HunkLine["kind"]> = new Map([
  [" ", "context"],
  ["+", "add"],
  ["-", "remove"],
])

function hunkLine(text: string): HunkLine | null {
  if (text === "") return { kind: "context", text }
  const kind = kinds.get(text[0] ?? "")
  return kind ? { kind, text: text.slice(1) } : null
}

function openHunk(scan: Scan, section: UpdateSection, anchor: string): void {
  const last = section.hunks.at(-1)
  // `@@ class A` followed by `@@ def b` narrows the place down in steps.
  const hunk = last?.lines.length === 0 ? last : newHunk(scan, section)
  if (anchor.trim() !== "") hunk.anchors.push(anchor)
}

function newHunk(scan: Scan, section: UpdateSection): Hunk {
  const hunk: Hunk = { anchors: [], lines: [], endOfFile: false, line: scan.line }
  section.hunks.push(hunk)
  return hunk
}

function scanStar(scan: Scan, section: UpdateSection, text: string): Verdict {
  const line = text.trim()
  if (line === endOfFile) {
    const hunk = section.hunks.at(-1)
    if (!hunk || hunk.lines.length === 0 || hunk.endOfFile)
      return fail(scan, `'${endOfFile}' must follow the lines of a hunk.`)
    hunk.endOfFile = true
    return null
  }
  if (line.startsWith(moveTo) && section.to === undefined && section.hunks.length === 0) {
    section.to = line.slice(moveTo.length).trim()
    return null
  }
  const header = scanHeader(scan, text)
  if (header !== undefined) return header
  return fail(scan, `'${short(text)}' is no marker that may stand here; ${validHeaders}.`)
}

/** Closes the open section and opens the one that this line heads, or ends the patch; undefined when it is no header. */
function scanHeader(scan: Scan, text: string): Verdict | undefined {
  const line = text.trim()
  if (line === end) {
    if (scan.sections.length === 0) return fail(scan, "The patch has no file section.")
    scan.mode = "ended"
    return closeSection(scan)
  }
  for (const type of ["add", "delete", "update"] as const) {
    if (!line.startsWith(headers[type])) continue
    return closeSection(scan) ?? openSection(scan, type, line.slice(headers[type].length).trim())
  }
  return undefined
}

function openSection(scan: Scan, type: Section["type"], path: string): Verdict {
  const section = { path, line: scan.line, added: 0, removed: 0 }
  if (type === "delete") scan.sections.push({ ...section, type })
  else if (type === "add") scan.sections.push({ ...section, type, lines: [] })
  else scan.sections.push({ ...section, type, hunks: [] })
  scan.mode = type === "delete" ? "between" : type
  return null
}

function closeSection(scan: Scan): Verdict {
  const section = scan.sections.at(-1)
  if (section?.type !== "update") return null
  const empty = section.hunks.find(hunk => hunk.lines.length === 0)
  if (empty) return fail(scan, `A hunk of ${section.path} has no lines.`, empty.line)
  const changes = section.added + section.removed > 0
  if (changes || (section.to !== undefined && section.hunks.length === 0)) return null
  return fail(scan, `The section of ${section.path} has no '+' or '-' line.`, section.line)
}

function scanEnded(scan: Scan, text: string): Verdict {
  const line = text.trim()
  if (line === "") return null
  if (line !== scan.heredoc)
    return fail(scan, `'${short(text)}' follows '${end}': send one patch and nothing after it.`)
  scan.heredoc = null
  return null
}

const fail = (scan: Scan, reason: string, line = scan.line): PatchFailure => ({ reason, line })

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text)
