import type { RepoFile } from "@twolane/common/guardrails/repo-file"
import { type Mirror, readRepoFile } from "@twolane/workspace"

/** The most files that are kept. */
const maxKept = 1_000

/** Reads `twolane.yaml` at commits; a commit's file never changes, so each is read once. */
export type Rules = {
  /**
   * The file at a commit; undefined where there is none.
   * @throws Fault repo-file-invalid
   */
  at(mirror: Mirror, commit: string, signal: AbortSignal): Promise<RepoFile | undefined>
}

/** Keeps the files that were read. */
export const keepRules = (): Rules => {
  const kept = new Map<string, RepoFile | undefined>()
  return {
    at: async (mirror, commit, signal) => {
      const key = `${mirror.dir} ${commit}`
      if (kept.has(key)) return kept.get(key)
      const file = await readRepoFile(mirror, commit, signal)
      const oldest = kept.size >= maxKept ? kept.keys().next().value : undefined
      if (oldest !== undefined) kept.delete(oldest)
      kept.set(key, file)
      return file
    },
  }
}
