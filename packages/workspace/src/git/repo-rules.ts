import { parseRepoFile, type RepoFile } from "@twolane/common/guardrails/repo-file"
import { Fault } from "@twolane/protocol"
import type { Mirror } from "./mirror.ts"
import { readBlob } from "./tree-read.ts"

const fileName = "twolane.yaml"
const maxFileBytes = 400_000

/**
 * Reads `twolane.yaml` as a commit has it, never as a working tree does; undefined where there is none.
 * Raises `repo-file-invalid`, which names line and key.
 */
export const readRepoFile = async (
  mirror: Mirror,
  commit: string,
  signal: AbortSignal,
): Promise<RepoFile | undefined> => {
  const bytes = await readBlob(mirror, commit, fileName, maxFileBytes, signal)
  if (bytes === null) return undefined
  const parsed = parseRepoFile(bytes.toString("utf8"))
  if (parsed.ok) return parsed.file
  const { line, key, message } = parsed
  const where = key === "" ? `line ${line}` : `line ${line}, ${key}`
  throw new Fault("repo-file-invalid", `${fileName}, ${where}: ${message}`, {
    errors: [{ path: key, message: `line ${line}: ${message}` }],
  })
}
