import { stat } from "node:fs/promises"
import { Fault } from "@twolane/protocol"
import { isCheckedOut } from "./checkout.ts"
import type { Remote } from "./credential.ts"
import type { GitEnd } from "./git.ts"
import type { Mirror } from "./mirror.ts"
import { asSha, isRefName } from "./refs.ts"
import { callRemote, remoteFault, remoteHead, saidBy } from "./remote.ts"
import type { Source } from "./source.ts"

/**
 * Sets a branch at the source to a commit, only from one of those that we may have left it at (`expected`; null: it is not
 * there). The same push again is no push. Raises `branch-moved`, `target-checked-out`, `repo-auth`, and
 * `publish-failed` when the source refuses or cannot be reached.
 */
export const pushBranch = async (
  mirror: Mirror,
  wanted: { branch: string; sha: string; expected: readonly (string | null)[] },
  signal: AbortSignal,
): Promise<{ pushed: boolean }> => {
  const { branch, expected } = wanted
  const sha = asSha(wanted.sha)
  if (!isRefName(branch)) throw new Fault("publish-failed", "the branch's name is not one that git takes")
  const remote = await mirror.access()
  const now = await lookUp(remote, branch, signal)
  if (now === sha) return { pushed: false }
  if (!expected.includes(now)) throw moved(branch, expected, now)
  if (await isCheckedOut(remote.source, branch, signal))
    throw new Fault("target-checked-out", `${branch} is checked out at ${remote.source.url}`)
  const end = await push(mirror.dir, remote, { branch, sha, expected: now }, signal)
  if (end.code === 0) return { pushed: true }
  // The answer may have been lost after the source did it: what counts is where the branch is.
  const after = await lookUp(remote, branch, signal).catch(() => undefined)
  signal.throwIfAborted()
  if (after === sha) return { pushed: true }
  throw pushFault(remote, branch, expected, after, end)
}

const lookUp = async (remote: Remote, branch: string, signal: AbortSignal): Promise<string | null> => {
  try {
    return await remoteHead(remote, branch, signal)
  } catch (error) {
    if (error instanceof Fault && error.code !== "repo-auth")
      throw new Fault("publish-failed", error.message, { cause: error })
    throw error
  }
}

const push = async (
  gitDir: string,
  remote: Remote,
  { branch, sha, expected }: { branch: string; sha: string; expected: string | null },
  signal: AbortSignal,
): Promise<GitEnd> => {
  const ref = `refs/heads/${branch}`
  const args = [
    "--porcelain",
    "--quiet",
    "--no-verify",
    "--no-signed",
    "--no-follow-tags",
    "--recurse-submodules=no",
    `--force-with-lease=${ref}:${expected ?? ""}`,
    ...(await asOwner(remote.source)),
    "--",
    remote.source.url,
    `${sha}:${ref}`,
  ]
  return await callRemote(remote, { command: "push", gitDir, args, timeoutMs: 600_000 }, signal)
}

/** As root, a push into a person's own repository would leave files there that the person can't change: be that person. */
const asOwner = async (source: Source): Promise<string[]> => {
  if (source.kind !== "path" || process.platform !== "linux" || process.getuid?.() !== 0) return []
  const { uid, gid } = await stat(source.url)
  if (uid === 0) return []
  const be = `setpriv --reuid=${uid} --regid=${gid} --clear-groups env GIT_CONFIG_GLOBAL=/dev/null`
  return [`--receive-pack=${be} git-receive-pack`]
}

const short = (sha: string | null | undefined): string => sha?.slice(0, 12) ?? "absent"

const moved = (branch: string, expected: readonly (string | null)[], now: string | null): Fault => {
  const left = expected.map(short).join(" or ")
  return new Fault("branch-moved", `${branch} is ${short(now)} at the source, not ${left} as we left it`)
}

const pushFault = (
  remote: Remote,
  branch: string,
  expected: readonly (string | null)[],
  after: string | null | undefined,
  end: GitEnd,
): Fault => {
  const said = end.stdout.toString("utf8") + end.stderr
  if (/branch is currently checked out/.test(said))
    return new Fault("target-checked-out", `${branch} is checked out at ${remote.source.url}`)
  if (/stale info|fetch first|non-fast-forward|cannot lock ref|incorrect old value/.test(said))
    return moved(branch, expected, after ?? null)
  const fault = remoteFault(remote, end)
  if (fault.code === "repo-auth") return fault
  const refusal = /^!\t.*$/m.exec(said)?.[0].split("\t").at(-1) ?? ""
  return new Fault(
    "publish-failed",
    `the source refused the push: ${refusal} ${saidBy(end.stderr)}`.slice(0, 700),
  )
}
