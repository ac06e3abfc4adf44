/** Characters that HFS+ leaves out when it compares names, so that `.g\u200cit` is `.git` there (CVE-2014-9390). */
const ignorable = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/**
 * Whether one part of a path is `.git` for some file system: in any case, with ignorable characters, as an NTFS short
 * name, or with what NTFS drops at the end.
 */
export const isDotGit = (part: string): boolean => {
  const [plain = ""] = part.replaceAll(ignorable, "").toLowerCase().split(/[:\\]/)
  const name = plain.replace(/[. ]+$/, "")
  return name === ".git" || name === "git~1"
}

/** Why a path can't stand in a tree of ours; null when it can. Paths are text here, with `/` between their parts. */
export const treePathProblem = (path: string): string | null => {
  if (path === "") return "the path is empty"
  if (Buffer.byteLength(path) > 4_000) return "the path is longer than 4,000 bytes"
  if (path.includes("\0")) return "the path holds a NUL"
  for (const part of path.split("/")) {
    if (part === "") return "the path has an empty part"
    if (part === "." || part === "..") return "the path has a part . or .."
    if (Buffer.byteLength(part) > 255) return "a part of the path is longer than 255 bytes"
    if (isDotGit(part)) return "it belongs to a nested repository (.git)"
  }
  return null
}

/**
 * Why a symlink can't stand at `path`; null when it can. The target must be relative and stay within the tree: it may
 * climb only at its beginning (from real folders), since `name/..` can leave by way of another link.
 */
export const symlinkProblem = (path: string, target: string): string | null => {
  if (target === "" || target.includes("\0")) return "the symlink has no target"
  if (target.startsWith("/")) return "the symlink leaves the workspace"
  if (Buffer.byteLength(target) > 4_000) return "the symlink's target is longer than 4,000 bytes"
  const folders = path.split("/")
  const name = folders.pop()?.toLowerCase() ?? ""
  if (name.startsWith(".git")) return "git does not take a symlink of this name"
  const parts = target.split("/").filter(part => part !== "" && part !== ".")
  const climbs = parts.findIndex(part => part !== "..")
  const up = climbs < 0 ? parts.length : climbs
  if (up > folders.length) return "the symlink leaves the workspace"
  if (parts.slice(up).includes("..")) return "the symlink's target climbs after a name"
  if (parts.some(isDotGit)) return "the symlink points into a .git"
  return null
}

/** A path as trees hold it: a string of one character per byte. */
export const pathBytes = (path: string): string => Buffer.from(path, "utf8").toString("latin1")

/** The text of a path that `pathBytes` made. */
export const pathText = (path: string): string => Buffer.from(path, "latin1").toString("utf8")
