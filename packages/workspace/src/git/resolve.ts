import { Fault } from "@twolane/protocol"
import { gitText } from "./git.ts"
import type { Mirror } from "./mirror.ts"
import { asSha, isRefName, sourceBranchRef } from "./refs.ts"

/**
 * The commit that a base names: a branch of the source, a tag, or a commit by its name (7 digits or more). Raises
 * `base-not-found` for everything else, also for what looks like an option or a revision expression.
 */
export const resolveBase = async (mirror: Mirror, base: string, signal: AbortSignal): Promise<string> => {
  for (const name of namesOf(base)) {
    const found = await mirror.objects.info(`${name}^{commit}`, signal)
    if (found?.type === "commit") return found.sha
  }
  throw new Fault(
    "base-not-found",
    `${JSON.stringify(base.slice(0, 250))} is no branch, tag or commit of ${mirror.repo}`,
  )
}

const namesOf = (base: string): string[] => {
  if (!isRefName(base)) return []
  const plain = /^refs\/(heads|tags)\/(.+)$/.exec(base)
  if (plain) return [plain[1] === "heads" ? sourceBranchRef(plain[2] ?? "") : base]
  const names = [sourceBranchRef(base), `refs/tags/${base}`]
  return /^[0-9a-f]{7,64}$/.test(base) ? [...names, base] : names
}

/** The commit that a branch of the source had at the last fetch; null when it was not there. */
export const branchTip = async (
  mirror: Mirror,
  branch: string,
  signal: AbortSignal,
): Promise<string | null> => {
  if (!isRefName(branch)) return null
  return (await mirror.objects.info(`${sourceBranchRef(branch)}^{commit}`, signal))?.sha ?? null
}

/** How many commits of the default branch came after `base`, as of the last fetch; 0 when the branch is gone. */
export const behind = async (
  mirror: Mirror,
  base: string,
  defaultBranch: string,
  signal: AbortSignal,
): Promise<number> => {
  const tip = await branchTip(mirror, defaultBranch, signal)
  if (tip === null || tip === base) return 0
  const args = ["--count", "--end-of-options", tip, `^${asSha(base)}`]
  return Number(await gitText({ gitDir: mirror.dir, command: "rev-list", args }, signal))
}

/** Whether a commit is in the mirror. */
export const hasCommit = async (mirror: Mirror, sha: string, signal: AbortSignal): Promise<boolean> =>
  (await mirror.objects.info(asSha(sha), signal))?.type === "commit"
