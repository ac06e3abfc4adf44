const maxSegmentBytes = 255
const maxPathBytes = 4_000
const control = /\p{Cc}/u
const ignorable = /\p{Default_Ignorable_Code_Point}/gu
const encoder = new TextEncoder()

/**
 * The path rule (reliability.md, D12) for every path that a model or a repository names: relative to the workspace,
 * `/` between segments, never into `.git` in any spelling that some file system takes for it. Null when it is
 * allowed, else why not, in words for the model. What lies at the path (links, folders) is checked when it is opened.
 */
export function refusePath(path: string): string | null {
  const refuse = (why: string): string => `The path '${display(path)}' is refused: ${why}.`
  if (path === "") return "The path is empty."
  if (path.startsWith("/")) return refuse("it must be relative to the workspace")
  if (!path.isWellFormed() || path.normalize("NFC") !== path) return refuse("it is not in Unicode form NFC")
  if (control.test(path)) return refuse("it has a control character")
  if (path.includes("\\")) return refuse("it has a backslash; use '/'")
  if (encoder.encode(path).length > maxPathBytes) return refuse(`it is longer than ${maxPathBytes} bytes`)
  for (const segment of path.split("/")) {
    if (segment === "") return refuse("it has an empty segment")
    if (segment === "." || segment === "..") return refuse(`it has a '${segment}' segment`)
    if (encoder.encode(segment).length > maxSegmentBytes)
      return refuse(`a segment is longer than ${maxSegmentBytes} bytes`)
    if (isGitFolder(segment)) return refuse("it leads into a git folder")
  }
  return null
}

/**
 * Whether a file system may take this name for `.git`: any case, full-width forms, characters that HFS+ ignores,
 * the trailing dots, spaces and streams that NTFS drops, and its short names (`GIT~1`).
 */
export function isGitFolder(segment: string): boolean {
  const plain = segment.normalize("NFKC").replace(ignorable, "").toLowerCase()
  const name = (plain.split(":")[0] ?? "").replace(/[. ]+$/, "")
  return name === ".git" || /^git~\d+$/.test(name)
}

const display = (path: string): string =>
  (path.length > 120 ? `${path.slice(0, 120)}…` : path).replace(/\p{Cc}/gu, "�")
