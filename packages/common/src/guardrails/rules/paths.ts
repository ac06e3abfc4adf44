import { isGitFolder, refusePath } from "../../patch/paths.ts"
import type { ChangedFile } from "../changed-file.ts"
import { globMatcher } from "../glob.ts"
import type { Finding } from "../trip.ts"

const gitlink = "160000"
const symlink = "120000"

/** Protected in every repository: Twolane's own file, git's at the root, and those of git's that work in any folder. */
const alwaysProtected = ["twolane.yaml", ".git*", ".git*/**", "**/.gitmodules", "**/.gitattributes"]

/** Both places of a renamed file count. */
const placesOf = (file: ChangedFile): string[] =>
  file.from === undefined ? [file.path] : [file.from, file.path]

/** Paths that are not in each of the scopes. */
export function findOutOfScope(scopes: readonly string[][], files: readonly ChangedFile[]): Finding[] {
  const matchers = scopes.map(scope => ({ scope, matches: globMatcher(scope) }))
  return files.flatMap(placesOf).flatMap((path): Finding[] => {
    const missed = matchers.find(({ matches }) => !matches(path))
    return missed ? [{ rule: "scope", path, detail: `is not in the scope ${missed.scope.join(", ")}` }] : []
  })
}

/** Protected paths that are changed in any way: content, name, mode, or being there. */
export function findProtected(globs: readonly string[], files: readonly ChangedFile[]): Finding[] {
  const always = globMatcher(alwaysProtected)
  const added = globMatcher(globs)
  return files
    .flatMap(placesOf)
    .filter(path => always(path.toLowerCase()) || added(path))
    .map(path => ({ rule: "protected", path, detail: "is a protected path" }))
}

/** Nested repositories, gitlinks, symlinks that may leave the workspace, and names that can't be stored safely. */
export function findLinks(files: readonly ChangedFile[]): Finding[] {
  return files.flatMap((file): Finding[] => {
    const why = linkProblem(file)
    return why === null ? [] : [{ rule: "links", path: file.path, detail: why }]
  })
}

function linkProblem(file: ChangedFile): string | null {
  if (file.path.split("/").some(isGitFolder)) return "lies in a nested repository"
  if (file.newMode === gitlink) return "is a submodule or nested repository"
  if (file.oldMode === gitlink) return "replaces a submodule"
  if (file.newMode === symlink) return symlinkProblem(file.path, file.after)
  return file.after === null ? null : refusePath(file.path)
}

/**
 * A target is judged by its letters: up first, then down, and never up again (a folder on the way may itself be a
 * link, so `a/..` need not be where it seems), staying below the root and out of `.git`.
 */
function symlinkProblem(path: string, target: string | null): string | null {
  if (target === null) return "is a symlink whose target is not known"
  if (target.startsWith("/")) return `is a symlink to ${target}, out of the workspace`
  const segments = target.split("/").filter(segment => segment !== "" && segment !== ".")
  const ups = segments.findIndex(segment => segment !== "..")
  const climbs = ups < 0 ? segments.length : ups
  if (segments.slice(climbs).includes("..")) return `is a symlink whose target goes up again: ${target}`
  if (climbs > path.split("/").length - 1) return `is a symlink to ${target}, out of the workspace`
  return segments.some(isGitFolder) ? `is a symlink into a git folder: ${target}` : null
}
