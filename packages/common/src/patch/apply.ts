import { applyToText } from "./apply-text.ts"
import { countLines } from "./lines.ts"
import type { Patch, Section } from "./patch.ts"
import { refusePath } from "./paths.ts"

/**
 * What one path is after the patch: its text, or null when it is gone. `before` is what it was (of a moved file: what
 * it was at `from`, whose own entry is there too, with null). `added` and `removed` count the patch's lines.
 */
export type PlannedWrite = {
  path: string
  from?: string
  before: string | null
  text: string | null
  added: number
  removed: number
}

/** The final state of every path that a patch changes, or why it can't be applied, in words for the model. */
export type PatchPlan = { ok: true; writes: PlannedWrite[] } | { ok: false; reason: string }

/** A file while the sections are gone through. `origin` is the path whose content it continues. */
type Draft = { text: string | null; origin: string | null; added: number; removed: number }
type Drafts = { get(path: string): Draft; set(path: string, draft: Draft): void; paths(): Iterable<string> }

/**
 * Plans a patch wholly or not at all, without writing anything. `readFile` answers a path's text, or null when no
 * file is there; it is asked only for paths that pass `refusePath`. Sections build on each other, so one file may
 * have several. The writes are independent of order: remove what has null first, then write the rest.
 */
export function applyPatch(patch: Patch, readFile: (path: string) => string | null): PatchPlan {
  const originals = new Map<string, string | null>()
  const read = (path: string): string | null => {
    if (!originals.has(path)) originals.set(path, readFile(path))
    return originals.get(path) ?? null
  }
  const changed = new Map<string, Draft>()
  const drafts: Drafts = {
    get(path) {
      const text = read(path)
      return changed.get(path) ?? { text, origin: text === null ? null : path, added: 0, removed: 0 }
    },
    set: (path, draft) => changed.set(path, draft),
    paths: () => changed.keys(),
  }
  for (const section of patch.sections) {
    const reason = refuseSection(section) ?? planSection(drafts, section)
    if (reason !== null) return { ok: false, reason }
  }
  const clash = folderClash(drafts)
  if (clash !== null) return { ok: false, reason: clash }
  const writes = [...changed].flatMap(([path, draft]) => writeOf(path, draft, read))
  if (writes.length === 0)
    return { ok: false, reason: "The patch changes nothing: every file would stay as it is." }
  return { ok: true, writes }
}

function refuseSection(section: Section): string | null {
  const to = section.type === "update" ? section.to : undefined
  return refusePath(section.path) ?? (to === undefined ? null : refusePath(to))
}

function planSection(drafts: Drafts, section: Section): string | null {
  const { path } = section
  const draft = drafts.get(path)
  if (section.type === "add") {
    if (draft.text !== null) return `${path} exists already: use '*** Update File: ${path}'.`
    const text = section.lines.map(line => `${line}\n`).join("")
    drafts.set(path, { ...draft, text, added: draft.added + section.added })
    return null
  }
  if (draft.text === null) {
    const what = section.type === "delete" ? "deleted" : "updated"
    return `${path} can't be ${what}: there is no such file.`
  }
  if (section.type === "delete") {
    const removed = draft.removed + countLines(draft.text)
    drafts.set(path, { text: null, origin: null, added: draft.added, removed })
    return null
  }
  const applied = applyToText(draft.text, section.hunks)
  if (!applied.ok) return `${path}: ${applied.reason}`
  const updated: Draft = {
    text: applied.after,
    origin: draft.origin,
    added: draft.added + section.added,
    removed: draft.removed + section.removed,
  }
  return moveDraft(drafts, section.path, section.to ?? section.path, updated)
}

function moveDraft(drafts: Drafts, path: string, to: string, draft: Draft): string | null {
  if (to !== path) {
    if (drafts.get(to).text !== null) return `${path} can't be moved: ${to} exists already.`
    drafts.set(path, { text: null, origin: null, added: 0, removed: 0 })
  }
  drafts.set(to, draft)
  return null
}

/** A file can't lie below another file. (That a folder lies where a file should go shows when it is written.) */
function folderClash(drafts: Drafts): string | null {
  for (const path of drafts.paths()) {
    if (drafts.get(path).text === null) continue
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
      const parent = path.slice(0, at)
      if (drafts.get(parent).text !== null) return `${path} can't be written: ${parent} is a file.`
    }
  }
  return null
}

function writeOf(path: string, draft: Draft, read: (path: string) => string | null): PlannedWrite[] {
  const { text, added, removed } = draft
  const from = text !== null && draft.origin !== null && draft.origin !== path ? draft.origin : undefined
  const before = read(from ?? path)
  if (from === undefined && before === text) return []
  return [{ path, ...(from === undefined ? {} : { from }), before, text, added, removed }]
}
