import { runGit } from "./git.ts"
import type { Mirror } from "./mirror.ts"
import { asSha } from "./refs.ts"

/** What happened to one path between two trees, renames not followed: what guardrails judge. `mode` is `000000` for nothing. */
export type PathChange = {
  path: string
  oldMode: string
  newMode: string
  oldSha: string
  newSha: string
  /** Lines; 0 for a binary file. */
  added: number
  removed: number
  binary: boolean
}

const maxBytes = 256 * 1024 * 1024

/** The options of every diff of ours: nothing of the repository's own choosing runs or hides anything. */
export const plainDiff = ["-r", "--no-ext-diff", "--no-textconv", "--full-index", "--ignore-submodules=none"]

/** Every path that differs between two commits or trees, with its modes, names of its contents and line counts. */
export const treeChange = async (
  mirror: Mirror,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<PathChange[]> => {
  const args = [...plainDiff, "--no-renames", "--raw", "--numstat", "-z", asSha(from), asSha(to), "--"]
  const output = await runGit({ command: "diff-tree", gitDir: mirror.dir, args, maxBytes }, signal)
  const { raw, counts } = parseRawNumstat(output)
  return raw.map((entry, index) => {
    const { path, oldMode, newMode, oldSha, newSha } = entry
    const { added, removed, binary } = counts[index] ?? { added: 0, removed: 0, binary: false }
    return { path, oldMode, newMode, oldSha, newSha, added, removed, binary }
  })
}

/** One record of `--raw`. `from` is the old path of a rename. */
export type RawEntry = {
  status: string
  path: string
  from?: string
  oldMode: string
  newMode: string
  oldSha: string
  newSha: string
}

type Count = { added: number; removed: number; binary: boolean }

/** Reads `diff-tree --raw --numstat -z`: first all raw records, then one count for each, in the same order. */
export const parseRawNumstat = (output: Buffer): { raw: RawEntry[]; counts: Count[] } => {
  const fields = output.toString("utf8").split("\0")
  const raw: RawEntry[] = []
  const counts: Count[] = []
  let at = 0
  const next = () => fields[at++] ?? ""
  while (fields[at]?.startsWith(":")) {
    const [oldMode = "", newMode = "", oldSha = "", newSha = "", status = ""] = next().slice(1).split(" ")
    const first = next()
    const renamed = status.startsWith("R") || status.startsWith("C")
    const paths = renamed ? { from: first, path: next() } : { path: first }
    raw.push({ status: status.charAt(0), ...paths, oldMode, newMode, oldSha, newSha })
  }
  while (at < fields.length) {
    const [, added, removed, path] = /^(-|\d+)\t(-|\d+)\t(.*)$/s.exec(next()) ?? []
    if (added === undefined || removed === undefined) continue
    if (path === "") at += 2
    const binary = added === "-"
    counts.push({ added: binary ? 0 : Number(added), removed: binary ? 0 : Number(removed), binary })
  }
  return { raw, counts }
}
