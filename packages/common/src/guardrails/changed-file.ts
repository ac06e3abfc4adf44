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

/** More pairs than this are only compared for being equal. */
const maxCompared = 500

/** Joins a deleted and an added file that are mostly the same text into one renamed file. */
export function pairRenames(files: readonly ChangedFile[]): ChangedFile[] {
  const origins = findOrigins(files)
  const gone = new Set(origins.values())
  return files.filter(file => !gone.has(file)).map(file => renamedFrom(file, origins.get(file)))
}

function findOrigins(files: readonly ChangedFile[]): Map<ChangedFile, ChangedFile> {
  const deleted = new Set(files.filter(file => file.change === "deleted" && !!file.before))
  const added = files.filter(file => file.change === "added" && file.after !== null)
  const origins = new Map<ChangedFile, ChangedFile>()
  const pair = (file: ChangedFile, old: ChangedFile | undefined): void => {
    if (!old || old.oldMode !== file.newMode) return
    origins.set(file, old)
    deleted.delete(old)
  }
  for (const file of added)
    pair(
      file,
      deleted.values().find(old => old.before === file.after),
    )
  const rest = added.filter(file => !origins.has(file))
  if (rest.length * deleted.size <= maxCompared)
    for (const file of rest)
      pair(
        file,
        deleted.values().find(old => isAlike(old, file)),
      )
  return origins
}

function renamedFrom(file: ChangedFile, origin: ChangedFile | undefined): ChangedFile {
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
}

/** Of one name and more than half alike (as git judges a rename). */
function isAlike(old: ChangedFile, file: ChangedFile): boolean {
  const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)
  if (nameOf(old.path) !== nameOf(file.path)) return false
  const { added, removed } = countChangedLines(old.before ?? "", file.after ?? "")
  return added + removed < old.removed
}
