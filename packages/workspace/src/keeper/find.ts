import { type OurGit, quote } from "./our-git.ts"
import type { ListOutcome, SearchOutcome } from "./protocol.ts"

const maxPaths = 2_000
const maxLines = 500
const maxLineChars = 400
const limits = { timeoutMs: 20_000, maxBytes: 8 * 1024 ** 2 }

/**
 * Files by glob, git-ignored ones left out. git itself matches, in the jail: a pattern made to be slow costs only its own
 * time.
 */
export const listFiles = async (git: OurGit, glob: string, signal: AbortSignal): Promise<ListOutcome> => {
  const specs = pathspecs(glob)
  const script = [
    `git ls-files -z --cached --others --exclude-standard --deduplicate -- ${specs} || exit`,
    "printf '\\n\\0'",
    `git ls-files -z --deleted -- ${specs}`,
  ].join("\n")
  const answer = await git(script, limits, signal)
  const entries = answer.text.split("\0").filter(entry => entry !== "")
  const border = entries.indexOf("\n")
  const deleted = new Set(border === -1 ? [] : entries.slice(border + 1))
  const paths = (border === -1 ? entries : entries.slice(0, border)).filter(path => !deleted.has(path)).sort()
  return {
    paths: paths.slice(0, maxPaths),
    truncated: answer.truncated || !answer.ok || paths.length > maxPaths,
  }
}

/** Lines that match a Perl regular expression (an extended one where this git has no Perl ones), in text files that git does not ignore. */
export const searchFiles = async (
  git: OurGit,
  { pattern, glob }: { pattern: string; glob: string | null },
  signal: AbortSignal,
): Promise<SearchOutcome> => {
  const run = (kind: "-P" | "-E") =>
    git(
      `git grep -n -I --untracked --no-color ${kind} -e ${quote(pattern)} -- ${glob === null ? "" : pathspecs(glob)} | head -n ${maxLines + 1}
exit "\${PIPESTATUS[0]}"`,
      limits,
      signal,
    )
  let answer = await run("-P")
  if (/Perl-compatible/.test(answer.complaint)) answer = await run("-E")
  const stopped = answer.code === 141
  // 1 is git's word for no match.
  if (!answer.ok && !stopped && answer.code !== 1)
    return { ok: false, reason: answer.complaint.replace(/^fatal: /, "") || "the search failed" }
  const lines = answer.text.split("\n").filter(line => line !== "")
  return {
    ok: true,
    lines: lines.slice(0, maxLines).map(cut),
    truncated: answer.truncated || stopped || lines.length > maxLines,
  }
}

const cut = (line: string): string => (line.length > maxLineChars ? `${line.slice(0, maxLineChars)}…` : line)

const pathspecs = (glob: string): string =>
  expandBraces(glob.replace(/^(\.\/)+/, ""))
    .map(each => quote(`:(glob)${each}`))
    .join(" ")

/** `{a,b}` written out, since git's globs have no braces; what would be too many stays as it is. */
export const expandBraces = (glob: string): string[] => {
  let open = [glob]
  for (let round = 0; round < 6; round += 1) {
    const next = open.flatMap(each => {
      const found = /\{([^{}]*,[^{}]*)\}/.exec(each)
      if (found === null) return [each]
      const [whole, inner = ""] = found
      return inner
        .split(",")
        .map(part => each.slice(0, found.index) + part + each.slice(found.index + whole.length))
    })
    if (next.length > 64) return open
    if (next.length === open.length) return next
    open = next
  }
  return open
}
