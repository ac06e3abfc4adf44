import { applyPatch, type PlannedWrite } from "@twolane/common/patch/apply"
import { parsePatch } from "@twolane/common/patch/parse"
import type { Patch } from "@twolane/common/patch/patch"
import { gitFailed, type OurGit } from "./our-git.ts"
import type { PatchedFile, PatchOutcome } from "./protocol.ts"
import { plainPath } from "./read.ts"
import { codeOf, lookAt, readRegular, type Tree, WayBlocked } from "./tree.ts"
import { type Write, writeAll } from "./write.ts"

const maxFileBytes = 16 * 1024 ** 2

/** Why the patch can't be applied, in words for the model. */
class Refused extends Error {}

/** Applies a V4A patch to the tree, wholly or not at all. No command of the workspace may run meanwhile. */
export const applyToTree = async (
  tree: Tree,
  git: OurGit | null,
  text: string,
  signal: AbortSignal,
): Promise<PatchOutcome> => {
  const parsed = parsePatch(text)
  if (!parsed.ok) return { ok: false, reason: `Line ${parsed.line} of the patch: ${parsed.reason}` }
  const files = new Map<string, { bytes: Buffer; mode: number }>()
  const folders = new Set<string>()
  try {
    const plan = applyPatch(withPlainPaths(parsed.patch), path => readText(tree, path, { files, folders }))
    if (!plan.ok) return plan
    const blocked = plan.writes.find(write => write.text !== null && folders.has(write.path))
    if (blocked !== undefined)
      return { ok: false, reason: `${blocked.path} can't be written: it is a folder.` }
    const written = plan.writes.filter(write => write.text !== null).map(write => write.path)
    if (git !== null) await refuseIgnored(git, written, signal)
    signal.throwIfAborted()
    writeAll(
      tree,
      plan.writes.map(write => writeOf(write, files)),
    )
    return { ok: true, files: patched(plan.writes) }
  } catch (error) {
    if (error instanceof Refused || error instanceof WayBlocked) return { ok: false, reason: error.message }
    if (["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? ""))
      return { ok: false, reason: "The patch can't be written: the disk of the workspace is full." }
    throw error
  }
}

const withPlainPaths = (patch: Patch): Patch => ({
  sections: patch.sections.map(section => ({
    ...section,
    path: plainPath(section.path),
    ...(section.type === "update" && section.to !== undefined ? { to: plainPath(section.to) } : {}),
  })),
})

/** What was read for a plan: the files, and the paths where a folder lies. */
type Seen = { files: Map<string, { bytes: Buffer; mode: number }>; folders: Set<string> }

const readText = (tree: Tree, path: string, { files, folders }: Seen): string | null =>
  tree.inFolderOf(path, ({ at }) => {
    const found = lookAt(at)
    if (found === null) return null
    if (found.isDirectory()) {
      // No file: the plan asks for the folders above a path as well.
      folders.add(path)
      return null
    }
    const bytes = readRegular(at, maxFileBytes)
    if (!Buffer.isBuffer(bytes)) throw new Refused(`${path} can't be patched: ${bytes.reason}.`)
    files.set(path, { bytes, mode: found.mode & 0o777 })
    try {
      // The mark of a file that begins with one must stay.
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw new Refused(`${path} can't be patched: it is not UTF-8 text.`)
    }
  })

const refuseIgnored = async (git: OurGit, paths: string[], signal: AbortSignal): Promise<void> => {
  if (paths.length === 0) return
  // check-ignore leaves tracked files out, also where a rule matches them. After `./` a name has no pathspec magic.
  const options = { timeoutMs: 20_000, maxBytes: 2 ** 20, stdin: paths.map(path => `./${path}\0`).join("") }
  const answer = await git("git check-ignore --stdin -z", options, signal)
  if (answer.code === 1) return
  if (!answer.ok) throw gitFailed("check-ignore", answer.complaint)
  const ignored = answer.text.split("\0").filter(Boolean).map(plainPath)
  throw new Refused(`${ignored.join(", ")} is ignored by git, so it can't be part of the change.`)
}

const writeOf = (
  { path, from, text }: PlannedWrite,
  files: ReadonlyMap<string, { bytes: Buffer; mode: number }>,
): Write => {
  const existing = files.get(path)
  return {
    path,
    text,
    before: existing?.bytes ?? null,
    mode: existing?.mode ?? files.get(from ?? path)?.mode ?? 0o644,
  }
}

const patched = (writes: PlannedWrite[]): PatchedFile[] => {
  const moved = new Set(writes.flatMap(write => write.from ?? []))
  return writes
    .filter(write => write.text !== null || !moved.has(write.path))
    .map(({ path, from, before, text, added, removed }) => ({
      path,
      change:
        from !== undefined ? "renamed" : before === null ? "added" : text === null ? "deleted" : "modified",
      added,
      removed,
      ...(from === undefined ? {} : { from }),
      before,
      after: text,
    }))
}
