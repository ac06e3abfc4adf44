import type { ChangedFile } from "../changed-file.ts"
import { type Dependency, isInstallSetting, isLockfile, manifestReader } from "../manifests/manifest.ts"
import type { Finding } from "../trip.ts"

const rule = "newDependencies"

/** What a change of one manifest brings and takes. */
type ManifestChange = { folder: string; added: Dependency[]; removed: Dependency[] }

/**
 * Dependencies that the change brings, by what its manifests ask for: new names, and other versions of known ones. A
 * lockfile must change with a manifest of its folder or below; settings of the package managers count as well.
 */
export function findDependencies(files: readonly ChangedFile[]): Finding[] {
  const findings: Finding[] = []
  const changes: ManifestChange[] = []
  for (const file of files) {
    const read = manifestReader(file.path)
    for (const path of placesOf(file).filter(isInstallSetting))
      findings.push({
        rule,
        path,
        detail: "changes where packages come from, or what installing them may run",
      })
    if (!read || (file.before === null && file.after === null)) continue
    const change = compare(file, read)
    if (change === null) findings.push({ rule, path: file.path, detail: "can't be read as a manifest" })
    else {
      changes.push(change)
      if (change.added.length > 0) findings.push({ rule, path: file.path, detail: inWords(change) })
    }
  }
  return [
    ...findings,
    ...files.filter(file => isLockfile(file.path)).flatMap(file => judgeLockfile(file, changes)),
  ]
}

/** Settings that are moved away are changed as well. */
const placesOf = ({ from, path }: ChangedFile): string[] => (from === undefined ? [path] : [from, path])

function compare(file: ChangedFile, read: (text: string) => Dependency[]): ManifestChange | null {
  const after = file.after === null ? [] : attempt(() => read(file.after ?? ""))
  if (after === null) return null
  // A manifest that could not be read before asked for nothing that we know of.
  const before = file.before === null ? [] : (attempt(() => read(file.before ?? "")) ?? [])
  const has = (list: Dependency[], { name, spec }: Dependency): boolean =>
    list.some(other => other.name === name && other.spec === spec)
  return {
    folder: folderOf(file.path),
    added: after.filter(dependency => !has(before, dependency)),
    removed: before.filter(dependency => !has(after, dependency)),
  }
}

function attempt<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch {
    // What a model wrote may be no JSON or TOML at all: the caller says so.
    return null
  }
}

function inWords(change: ManifestChange): string {
  const words = change.added.map(({ name, spec }) => {
    const before = change.removed.find(other => other.name === name)
    return before
      ? `${name} ${before.spec} becomes ${spec}`
      : `${name} ${spec} is new`.replaceAll(/\s+/g, " ")
  })
  const shown = words.slice(0, 10).join("; ")
  return words.length > 10 ? `${shown}; and ${words.length - 10} more` : shown
}

function judgeLockfile(file: ChangedFile, changes: readonly ManifestChange[]): Finding[] {
  const folder = folderOf(file.path)
  const near = changes.filter(change => change.folder === folder || change.folder.startsWith(folder))
  // A new dependency is judged at its manifest; a removed one may only take lines out of the lockfile.
  if (near.some(change => change.added.length > 0)) return []
  if (near.some(change => change.removed.length > 0) && file.added === 0 && file.after !== null) return []
  return [{ rule, path: file.path, detail: "the lockfile changes, but no manifest asks for it" }]
}

/** With the slash at its end; empty for the root. */
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1)
