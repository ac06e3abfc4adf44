import type { FileChange } from "@twolane/protocol"
import type { PlannedWrite } from "../patch/apply.ts"
import { countChangedLines } from "./line-count.ts"

/**
 * One changed file as the guardrails see it. `before` and `after` are its texts (null: not there; of a symlink: its
 * target), modes are git's (`100644`, `100755`, `120000`, `160000`). Of a binary file the texts may be null.
 */
export type ChangedFile = FileChange & {
  before: string | null
  after: string | null
  oldMode?: string
  newMode?: string
}

/** Makes a changed file from its texts, counting its lines. `change` is needed where the texts don't say it. */
export function changedFile(
  file: Omit<ChangedFile, "change" | "added" | "removed"> & Partial<Pick<ChangedFile, "change">>,
): ChangedFile {
  const { before, after } = file
  const said =
    file.from !== undefined ? "renamed" : before === null ? "added" : after === null ? "deleted" : "modified"
  const change = file.change ?? said
  const lines = file.binary ? { added: 0, removed: 0 } : countChangedLines(before ?? "", after ?? "")
  return { ...file, change, ...lines }
}

/**
 * The files that a planned patch touches, as they will differ from the task's base: `textAtBase` answers a path's
 * text there. A file that the patch brings back to the base is left out.
 */
export function changesOfPlan(
  writes: readonly PlannedWrite[],
  textAtBase: (path: string) => string | null,
): ChangedFile[] {
  return writes.flatMap(({ path, text }) => {
    const before = textAtBase(path)
    return before === text ? [] : [changedFile({ path, before, after: text })]
  })
}

/** Joins a deleted and an added file that are mostly the same text into one renamed file. */
export function pairRenames(files: readonly ChangedFile[]): ChangedFile[] {
  const deleted = files.filter(
    file => file.change === "deleted" && file.before !== null && file.before !== "",
  )
  const origins = new Map<ChangedFile, ChangedFile>()
  for (const file of files) {
    if (file.change !== "added" || file.after === null) continue
    const taken = new Set(origins.values())
    const origin = deleted.find(
      old => !taken.has(old) && old.oldMode === file.newMode && isSameFile(old, file),
    )
    if (origin) origins.set(file, origin)
  }
  const gone = new Set(origins.values())
  return files
    .filter(file => !gone.has(file))
    .map(file => {
      const origin = origins.get(file)
      if (!origin) return file
      const { path, after, newMode } = file
      return changedFile({
        path,
        from: origin.path,
        before: origin.before,
        after,
        ...(origin.oldMode === undefined ? {} : { oldMode: origin.oldMode }),
        ...(newMode === undefined ? {} : { newMode }),
      })
    })
}

/** Equal, or of one name and more than half alike (as git judges a rename). */
function isSameFile(old: ChangedFile, file: ChangedFile): boolean {
  if (old.before === file.after) return true
  const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)
  if (nameOf(old.path) !== nameOf(file.path)) return false
  const { added, removed } = countChangedLines(old.before ?? "", file.after ?? "")
  return added + removed < old.removed
}
