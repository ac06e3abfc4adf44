import type { FileChange } from "@twolane/protocol"
import { isLockfile } from "../manifests/manifest.ts"
import type { Finding } from "../trip.ts"

/** Whether the whole change has more files or lines than the policy allows. Lockfiles are judged by their manifest. */
export function findOverSize(
  limits: { maxFiles: number; maxChangedLines: number },
  whole: readonly FileChange[],
): Finding[] {
  const files = new Set(whole.map(file => file.path)).size
  const lines = whole
    .filter(file => !isLockfile(file.path))
    .reduce((sum, file) => sum + file.added + file.removed, 0)
  const findings: Finding[] = []
  if (files > limits.maxFiles)
    findings.push({
      rule: "maxFiles",
      detail: `the change has ${files} files; ${limits.maxFiles} are allowed`,
    })
  if (lines > limits.maxChangedLines)
    findings.push({
      rule: "maxChangedLines",
      detail: `the change adds and removes ${lines} lines; ${limits.maxChangedLines} are allowed`,
    })
  return findings
}

/** Binary files: their content can't be counted in lines, nor be read in review. */
export const findBinary = (files: readonly FileChange[]): Finding[] =>
  files
    .filter(file => file.binary && file.change !== "deleted" && !isLockfile(file.path))
    .map(file => ({ rule: "binary", path: file.path, detail: "is a binary file" }))
