import { Fault } from "@twolane/protocol"
import { openRemote, type Remote } from "./credential.ts"
import { type GitCall, type GitEnd, GitFailure, tryGit } from "./git.ts"
import { isRefName, isSha } from "./refs.ts"

/** What a source has: its branches and tags by full ref name, and the branch that its HEAD is on. */
export type RemoteRefs = { refs: ReadonlyMap<string, string>; head: string | null }

/** Runs one git call against a remote, with its credential, for as long as it takes. */
export const callRemote = async (
  remote: Remote,
  call: Omit<GitCall, "env" | "secret" | "wrap">,
  signal: AbortSignal,
): Promise<GitEnd> => {
  await using access = await openRemote(remote)
  const { env, secret, wrap } = access
  return await tryGit(
    {
      ...call,
      env,
      config: [...access.config, ...(call.config ?? [])],
      ...(secret === undefined ? {} : { secret }),
      ...(wrap === undefined ? {} : { wrap }),
    },
    signal,
  )
}

/** Lists a source's refs. Raises `repo-unreachable`, `repo-auth` or `repo-not-git`. */
export const listRemote = async (
  remote: Remote,
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<RemoteRefs> => {
  const end = await callRemote(
    remote,
    { command: "ls-remote", args: ["--symref", "--", remote.source.url, ...patterns], timeoutMs: 45_000 },
    signal,
  )
  if (end.code !== 0) throw remoteFault(remote, end)
  return parseLsRemote(end.stdout.toString("utf8"))
}

/** Reads the output of `ls-remote --symref`. */
export const parseLsRemote = (text: string): RemoteRefs => {
  const refs = new Map<string, string>()
  let head: string | null = null
  for (const line of text.split("\n")) {
    const [left = "", name = ""] = line.split("\t")
    if (left.startsWith("ref: refs/heads/") && name === "HEAD") head = left.slice("ref: refs/heads/".length)
    else if (isSha(left) && name !== "") refs.set(name, left)
  }
  return { refs, head }
}

/**
 * Asks a source whether it can be used, and for its default branch (`wanted`, when it has that). Raises
 * `repo-unreachable`, `repo-auth`, `repo-not-git`, `repo-empty`, and `base-not-found` when `wanted` is not there.
 */
export const probeRemote = async (
  remote: Remote,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<{ defaultBranch: string; shaLength: number }> => {
  const { refs, head } = await listRemote(remote, ["HEAD", "refs/heads/*"], signal)
  const branches = [...refs.keys()].filter(name => name.startsWith("refs/heads/")).map(name => name.slice(11))
  const [first] = branches
  if (first === undefined)
    throw new Fault("repo-empty", `${remote.source.url} has no branch with a commit yet`)
  const shaLength = refs.get(`refs/heads/${first}`)?.length ?? 40
  if (wanted !== undefined) {
    if (!isRefName(wanted) || !branches.includes(wanted))
      throw new Fault("base-not-found", `the source has no branch ${wanted.slice(0, 250)}`)
    return { defaultBranch: wanted, shaLength }
  }
  const headSha = refs.get("HEAD")
  const likely = [
    head,
    "main",
    "master",
    branches.find(name => refs.get(`refs/heads/${name}`) === headSha),
    first,
  ]
  const defaultBranch = likely.find(name => typeof name === "string" && branches.includes(name)) ?? first
  return { defaultBranch, shaLength }
}

/** The commit that a branch has at the source now; null when the branch is not there. */
export const remoteHead = async (
  remote: Remote,
  branch: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const ref = `refs/heads/${branch}`
  const { refs } = await listRemote(remote, [ref], signal)
  return refs.get(ref) ?? null
}

const authWords =
  /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Permission denied|returned error: 40[13]|Access denied|Invalid username or (?:password|token)|error in libcrypto|Error loading key|incorrect passphrase/i
const notGitWords =
  /does not appear to be a git repository|not a git repository|not valid: is this a git repository|repository '.*' not found|Repository not found|returned error: 404|invalid.*info\/refs|invalid gitfile format|unable to parse remote|bad line length|protocol error/i
const hostKeyWords = /Host key verification failed/i

/** Not what the source says of its own disk. Of a lock that found no room git does not say why it could not write it. */
const diskWords =
  /^(?!remote:).*(?:No space left on device|Disk quota exceeded|Read-only file system|couldn't write ')/im

/**
 * Says in a Fault why a call to a source failed.
 * @throws GitFailure for what the source has no part in: the disk here is full, or takes no writes
 */
export const remoteFault = (remote: Remote, end: Pick<GitEnd, "code" | "stderr" | "timedOut">): Fault => {
  if (diskWords.test(end.stderr)) throw new GitFailure("fetch", end.code, end.stderr)
  const where = remote.source.url
  const said = saidBy(end.stderr)
  if (end.timedOut) return new Fault("repo-unreachable", `${where} did not answer in time`)
  if (hostKeyWords.test(end.stderr))
    return new Fault("repo-unreachable", `${where}: the host's key is not among the known ones`)
  if (authWords.test(end.stderr))
    return new Fault(
      "repo-auth",
      remote.credential === null
        ? `${where} asks for a credential: ${said}`
        : `${where} refuses the credential: ${said}`,
    )
  if (notGitWords.test(end.stderr))
    return new Fault("repo-not-git", `${where} is not a git repository: ${said}`)
  return new Fault("repo-unreachable", `${where} cannot be reached: ${said}`)
}

/** The lines of git's own last words, shortened and without control characters. */
export const saidBy = (stderr: string): string => {
  const lines = stderr.split("\n").filter(line => /^(?:fatal|error|remote|ssh|ERROR| !)/.test(line))
  const text = (lines.length > 0 ? lines : stderr.trim().split("\n")).slice(-4).join("; ")
  return text
    .replaceAll(/[\0-\x1f\x7f-\x9f]/g, " ")
    .trim()
    .slice(-500)
}
