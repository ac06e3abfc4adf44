/** What `git apply` says of a patch that it does not take: in words for a person, and the files that it names. */
export type PatchComplaint = { detail: string; paths: string[] }

const maxLines = 5
const maxPaths = 100

/** The ends of git's sentences about a file, which stand behind its name. */
const reasons = [
  "patch does not apply",
  "does not exist in index",
  "does not match index",
  "already exists in index",
  "already exists in working directory",
  "has type [0-7]+, expected [0-7]+",
  "wrong type",
  "cannot read from index",
]
const named = new RegExp(`^(?:patch failed: (.+):\\d+|(.+): (?:${reasons.join("|")}))$`)
const quoted = /'(.+)'/

/** Reads the error output of `git apply`, run with `LC_ALL=C`. */
export const patchComplaint = (stderr: string): PatchComplaint => {
  const said = stderr
    .split("\n")
    .flatMap(line => /^(?:error|fatal): (.*)$/.exec(line)?.slice(1) ?? [])
    .map(line => line.replaceAll(/[\0-\x1f\x7f]/g, " ").slice(0, 500))
  const paths = said.flatMap(line => {
    const [, failed, about] = named.exec(line) ?? []
    const path = failed ?? about ?? quoted.exec(line)?.[1]
    return path === undefined ? [] : [path]
  })
  const detail = said.slice(0, maxLines).join("; ")
  return {
    detail: detail === "" ? "git does not take the patch" : detail,
    paths: [...new Set(paths)].slice(0, maxPaths),
  }
}
