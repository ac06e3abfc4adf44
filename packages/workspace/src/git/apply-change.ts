import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import type { ChangedFile } from "@twolane/common/guardrails/changed-file"
import { findLinks } from "@twolane/common/guardrails/rules/paths"
import { type ChangeSize, Fault, type FileChange } from "@twolane/protocol"
import { treeOf } from "./checkpoint.ts"
import { commitText, twolane } from "./commit-text.ts"
import { diffTrees } from "./diff.ts"
import { type GitCall, runGit, tryGit } from "./git.ts"
import type { Mirror } from "./mirror.ts"
import { scratchOf } from "./mirror-files.ts"
import { exportPack, refusedIn } from "./pack.ts"
import { patchComplaint } from "./patch-complaint.ts"
import { asSha, checkpointRef } from "./refs.ts"
import { localEnv } from "./settings.ts"
import { type PathChange, treeChange } from "./tree-change.ts"

/** A person's unfinished work as the first checkpoint of a task; `pack` is all of it that the base does not have. */
export type FirstCheckpoint = {
  sha: string
  files: FileChange[]
  diff: string
  whole: ChangeSize
  pack: Buffer
}

/**
 * Applies a git patch to the base's tree, in the mirror and without a working tree, and saves the result as checkpoint 0-1 of a
 * task. The same call again gives the same commit. Raises `changes-not-applicable` (with the `paths`) for a patch that does not
 * apply wholly or makes what no workspace may hold, `body-too-large` for one that cannot travel.
 */
export const applyChange = async (
  mirror: Mirror,
  wanted: { task: string; base: string; patch: string; at: number },
  signal: AbortSignal,
): Promise<FirstCheckpoint> => {
  const { task, base, patch, at } = wanted
  const { objects } = mirror
  const tree = await patchedTree(mirror, base, patch, signal)
  if (tree === (await treeOf(objects, base, signal)))
    throw new Fault("changes-not-applicable", "The patch changes nothing.")
  const message = `Checkpoint 0-1 of ${task}`
  const commit = { tree, parents: [base], author: twolane, message, at }
  const sha = await objects.writeCommit(commitText(commit), signal)
  await refuseUnsound(mirror, base, sha, signal)
  const [{ changes, text, size }, pack] = await Promise.all([
    diffTrees(mirror, base, sha, signal),
    exportPack(mirror, { base, sha }, signal),
  ])
  if (pack === null) throw new Fault("body-too-large", "The change is larger than 32 MiB when it is packed.")
  await objects.setRef({ ref: checkpointRef(task, 0, 1), to: sha }, signal)
  return { sha, files: changes, diff: text, whole: size, pack }
}

/** A patch may unpack to far more than it is; git is stopped before one file of it fills the memory. */
const maxAllocation = "256m"
const applyTimeoutMs = 60_000

/** The index is a file of ours and goes away again: neither the mirror's own nor any working tree is touched. */
const patchedTree = async (
  mirror: Mirror,
  base: string,
  patch: string,
  signal: AbortSignal,
): Promise<string> => {
  const folder = join(scratchOf(mirror.dir), `apply-${crypto.randomUUID()}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const env = { ...localEnv(), GIT_INDEX_FILE: join(folder, "index"), GIT_ALLOC_LIMIT: maxAllocation }
  const call = (command: GitCall["command"], ...args: string[]): GitCall => ({
    gitDir: mirror.dir,
    command,
    args,
    env,
    timeoutMs: applyTimeoutMs,
  })
  try {
    await runGit(call("read-tree", asSha(base)), signal)
    const flags = ["--cached", "-p1", "--binary", "--whitespace=nowarn", "-"]
    const end = await tryGit({ ...call("apply", ...flags), input: patch }, signal)
    if (end.timedOut) throw new Fault("changes-not-applicable", "Applying the patch took too long.")
    if (end.code !== 0) {
      const { detail, paths } = patchComplaint(end.stderr)
      throw notApplicable(detail, paths)
    }
    return asSha((await runGit(call("write-tree"), signal)).toString("utf8").trim())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const notApplicable = (detail: string, paths: readonly string[]): Fault =>
  new Fault("changes-not-applicable", detail, {
    errors: [{ path: "changes", message: detail }],
    extra: { paths },
  })

/** What no tree of ours holds, and links and nested repositories, which a turn could not end with either. */
const refuseUnsound = async (
  mirror: Mirror,
  base: string,
  sha: string,
  signal: AbortSignal,
): Promise<void> => {
  const changes = await treeChange(mirror, base, sha, signal)
  const found = [
    ...refusedIn(changes).map(({ path, reason }) => ({ path, detail: reason })),
    ...findLinks(await linksOf(mirror, changes, signal)),
  ]
  const [first] = found
  if (first === undefined) return
  const paths = [...new Set(found.flatMap(({ path }) => (path === undefined ? [] : [path])))]
  throw notApplicable(`${first.path}: ${first.detail}`, paths)
}

const symlink = "120000"
const gitlink = "160000"
const maxTargetBytes = 4_096

const linksOf = async (
  mirror: Mirror,
  changes: readonly PathChange[],
  signal: AbortSignal,
): Promise<ChangedFile[]> => {
  const links = changes.filter(
    ({ oldMode, newMode }) => newMode === symlink || newMode === gitlink || oldMode === gitlink,
  )
  return await Promise.all(
    links.map(async ({ path, oldMode, newMode, newSha }): Promise<ChangedFile> => {
      const target = newMode === symlink ? await mirror.objects.read(newSha, maxTargetBytes, signal) : null
      const after = target?.bytes.toString("utf8") ?? null
      return { path, change: "modified", added: 0, removed: 0, before: null, after, oldMode, newMode }
    }),
  )
}
