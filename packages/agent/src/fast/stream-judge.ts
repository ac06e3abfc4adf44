import { changedFile } from "@twolane/common/guardrails/changed-file"
import { isInstallSetting, isLockfile, manifestReader } from "@twolane/common/guardrails/manifests/manifest"
import { findDependencies } from "@twolane/common/guardrails/rules/dependencies"
import { findOutOfScope, findProtected } from "@twolane/common/guardrails/rules/paths"
import { type Finding, type Trip, tripsOf } from "@twolane/common/guardrails/trip"
import { refusePath } from "@twolane/common/patch/paths"
import { createPatchReader } from "@twolane/common/patch/reader"
import { exactTrips, type KnownTree, linesOfUpdate, type SeenSection, updatedText } from "./known-tree.ts"
import { type Renames, watchRenames } from "./renames.ts"

/**
 * The guardrails on a patch that is still being written. `push` takes its next piece, cut anywhere, and answers what that piece made
 * certain, each violation once. It is an early exit, never the only check: of any patch that applies, takes nothing back that it did
 * itself, and moves no file that was not shown by writing it anew before it deletes it, it finds only what the judge of the whole patch finds, and once the patch is whole all of it that the known texts show.
 */
export type StreamJudge = { push(piece: string): Trip[] }

/** What was made of the sections so far. */
type Tally = {
  /** How many sections have their header judged, and how many are closed. */
  opened: number
  closed: number
  /** Whether the open section's new place was judged. */
  moved: boolean
  /** Paths that an earlier section names. */
  named: Set<string>
  updated: number
  added: string[]
  deleted: string[]
  renames: Renames
  /** Lines of closed updates, those of closed added files, and how many of the latter are of no file that may be a renamed one. */
  lines: number
  addedLines: number
  newLines: number
  /** Where in the open update's hunks counting stands, and how many of its lines are new to the file. */
  hunk: number
  line: number
  novel: number
  knownLines: ReadonlySet<string> | null
}

/** A judge that has read nothing yet. */
export const createStreamJudge = (tree: KnownTree): StreamJudge => {
  const reader = createPatchReader()
  const held = new Set(tree.changed.flatMap(({ path, from }) => [path, from ?? path]))
  const told = new Set<string>()
  const tally: Tally = {
    opened: 0,
    closed: 0,
    moved: false,
    named: new Set(),
    updated: 0,
    added: [],
    deleted: [],
    renames: watchRenames(tree),
    lines: 0,
    addedLines: 0,
    newLines: 0,
    hunk: 0,
    line: 0,
    novel: 0,
    knownLines: null,
  }
  let over = false
  return {
    push(piece) {
      if (over) return []
      const { sections, failure, done } = reader.push(piece)
      // The reader reads whole lines: what ends none shows nothing that was not judged before.
      if (!piece.includes("\n")) return []
      // What can't be read or may not be named is refused when it is applied, and then nothing of it counts.
      over = failure !== null || hasRefused(sections, tally.opened - 1)
      if (over) return []
      over = done
      const exact = done ? exactTrips(tree, sections) : null
      const found =
        exact ?? tripsOf(readOn(tree, held, tally, sections, done), "stream", tree.policy.verdicts)
      return found
        .filter(({ rule, path }) => !told.has(`${rule} ${path ?? ""}`))
        .map(trip => {
          told.add(`${trip.rule} ${trip.path ?? ""}`)
          return { ...trip, stage: "stream" as const }
        })
    },
  }
}

const hasRefused = (sections: readonly SeenSection[], from: number): boolean => {
  for (let at = Math.max(0, from); at < sections.length; at += 1) {
    const section = sections[at]
    if (section !== undefined && isRefused(section)) return true
  }
  return false
}

const isRefused = (section: SeenSection): boolean =>
  refusePath(section.path) !== null ||
  (section.type === "update" && section.to !== undefined && refusePath(section.to) !== null)

/** Takes up what is new in the sections; answers what is certain by it. */
const readOn = (
  tree: KnownTree,
  held: ReadonlySet<string>,
  tally: Tally,
  sections: readonly SeenSection[],
  done: boolean,
): Finding[] => {
  const findings: Finding[] = []
  for (let at = Math.max(0, tally.opened - 1); at < sections.length; at += 1) {
    const section = sections[at]
    if (section === undefined) break
    const certain = !held.has(section.path)
    if (at === tally.opened) findings.push(...open(tree, tally, section, certain))
    if (section.type === "update") findings.push(...readUpdate(tree, held, tally, section, certain))
    if (at < tally.closed || (at === sections.length - 1 && !done)) continue
    findings.push(...close(tree, tally, section, certain))
  }
  return [...findings, ...sizeOf(tree, tally, sections.at(-1), held)]
}

const judgePath = (tree: KnownTree, path: string): Finding[] => {
  const file = changedFile({ path, before: null, after: "" })
  const settings = "changes where packages come from, or what installing them may run"
  return [
    ...findOutOfScope(tree.policy.scopes, [file]),
    ...findProtected(tree.policy.protected, [file]),
    ...(isInstallSetting(path) ? [{ rule: "newDependencies" as const, path, detail: settings }] : []),
  ]
}

const open = (tree: KnownTree, tally: Tally, section: SeenSection, certain: boolean): Finding[] => {
  const { path } = section
  tally.opened += 1
  Object.assign(tally, { moved: false, hunk: 0, line: 0, novel: 0, knownLines: null })
  const again = tally.named.has(path)
  tally.named.add(path)
  if (!certain || again) return []
  if (section.type === "add") tally.added.push(path)
  if (section.type === "delete") deletes(tally, path)
  if (section.type !== "update") return judgePath(tree, path)
  tally.updated += 1
  const text = tree.files.get(path)
  if (text !== undefined) tally.knownLines = new Set(text.split("\n").map(withoutReturn))
  return judgePath(tree, path)
}

const deletes = (tally: Tally, path: string): void => {
  tally.deleted.push(path)
  tally.renames.deletes(path)
}

const withoutReturn = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line)

/** The new place of a moved file, and the lines that the file has not had in any place. */
const readUpdate = (
  tree: KnownTree,
  held: ReadonlySet<string>,
  tally: Tally,
  section: Extract<SeenSection, { type: "update" }>,
  certain: boolean,
): Finding[] => {
  const { to, path } = section
  const findings: Finding[] = []
  if (to !== undefined && to !== path && !tally.moved) {
    tally.moved = true
    if (certain) tally.updated -= 1
    if (certain) deletes(tally, path)
    const again = tally.named.has(to)
    tally.named.add(to)
    if (!again && !held.has(to)) {
      tally.added.push(to)
      findings.push(...judgePath(tree, to))
    }
  }
  if (tally.knownLines !== null && !tally.moved) countNovel(tally, section)
  return findings
}

const countNovel = (tally: Tally, section: Extract<SeenSection, { type: "update" }>): void => {
  for (; tally.hunk < section.hunks.length; tally.hunk += 1) {
    const { lines } = section.hunks[tally.hunk] ?? { lines: [] }
    for (; tally.line < lines.length; tally.line += 1) {
      const line = lines[tally.line]
      if (line?.kind === "add" && tally.knownLines?.has(withoutReturn(line.text)) === false) tally.novel += 1
    }
    if (tally.hunk === section.hunks.length - 1) return
    tally.line = 0
  }
}

/** A section is whole: its lines are counted, and a manifest that was shown is read. */
const close = (tree: KnownTree, tally: Tally, section: SeenSection, certain: boolean): Finding[] => {
  tally.closed += 1
  tally.novel = 0
  tally.knownLines = null
  if (!certain || section.type === "delete" || tally.moved) return []
  if (section.type === "add") {
    const known = tally.renames.mayBe(section)
    if (!isLockfile(section.path)) tally.addedLines += section.added
    if (!isLockfile(section.path) && !known) tally.newLines += section.added
    return known ? [] : manifest(section.path, null, section.lines.map(line => `${line}\n`).join(""))
  }
  if (!isLockfile(section.path)) tally.lines += linesOfUpdate(tree, section)
  const texts = updatedText(tree, section)
  return texts === null ? [] : manifest(section.path, texts.before, texts.after)
}

const manifest = (path: string, before: string | null, after: string): Finding[] =>
  manifestReader(path) === null ? [] : findDependencies([changedFile({ path, before, after })])

/** Whether the change has more files or lines by now than are allowed, whatever follows. */
const sizeOf = (
  tree: KnownTree,
  tally: Tally,
  last: SeenSection | undefined,
  held: ReadonlySet<string>,
): Finding[] => {
  const { maxFiles, maxChangedLines } = tree.policy
  // A deleted and an added file may turn out to be one renamed file.
  const files = tally.updated + Math.max(tally.added.length, tally.deleted.length)
  const adding = addingNow(tally, last, held)
  const inUpdates = tally.lines + (last !== undefined && isLockfile(last.path) ? 0 : tally.novel)
  const atMost = inUpdates + tally.addedLines + (adding?.added ?? 0)
  const findings: Finding[] = []
  if (files > maxFiles)
    findings.push({ rule: "maxFiles", detail: `the change has ${files} files; ${maxFiles} are allowed` })
  if (atMost <= maxChangedLines) return findings
  const isNew = adding !== null && !tally.renames.mayBe(adding)
  const lines = inUpdates + (tally.renames.any() ? 0 : tally.newLines + (isNew ? adding.added : 0))
  if (lines > maxChangedLines) {
    const detail = `the change adds and removes ${lines} lines; ${maxChangedLines} are allowed`
    findings.push({ rule: "maxChangedLines", detail })
  }
  return findings
}

/** The file that is being added, when its lines count. */
const addingNow = (
  tally: Tally,
  last: SeenSection | undefined,
  held: ReadonlySet<string>,
): Extract<SeenSection, { type: "add" }> | null =>
  last?.type === "add" && tally.closed < tally.opened && !held.has(last.path) && !isLockfile(last.path)
    ? last
    : null
