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

/** Why a symlink of this name can't stand in a tree; null when it can. Where it leads is for the guardrails to judge. */
export const symlinkProblem = (path: string): string | null =>
  (path.split("/").at(-1) ?? "").replaceAll(ignorable, "").toLowerCase().startsWith(".git")
    ? "git does not take a symlink of this name"
    : null

/** A path as trees hold it: a string of one character per byte. */
export const pathBytes = (path: string): string => Buffer.from(path, "utf8").toString("latin1")

/** The text of a path that `pathBytes` made. */
export const pathText = (path: string): string => Buffer.from(path, "latin1").toString("utf8")
