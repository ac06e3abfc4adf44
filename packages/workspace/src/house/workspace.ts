import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import type { CommandRequest, CommandResult, Saved, Workspace } from "@twolane/agent"
import type { ChangedPath } from "../git/checkpoint.ts"
import { saveCheckpoint } from "../git/checkpoint.ts"
import { diffTrees } from "../git/diff.ts"
import type { Mirror } from "../git/mirror.ts"
import type { Keeper } from "../keeper/client.ts"
import type { StagedChange } from "../keeper/protocol.ts"

/** What a workspace is made of: its keeper, and where its checkpoints go. */
export type WorkspaceParts = {
  keeper: Keeper
  mirror: Mirror
  task: string
  base: string
  /** The commit that was checked out: the last checkpoint, or the base. */
  start: string
  /** A folder of ours for copies of changed files. */
  staging: string
  /** The variables of the repo's file, for every command. */
  env: Record<string, string>
  /** Hosts that commands may reach. */
  network: readonly string[]
  /** Called when a command ran: it may have changed files that git ignores. */
  onCommand: () => void
}

/** The most that one checkpoint may add, in bytes. */
const maxStagedBytes = 512 * 1024 ** 2
const maxReadLines = 2_000

/** The reading, patching and running half of a workspace: straight to the keeper. */
export const fileActs = ({
  keeper,
  onCommand,
  env,
  network,
}: WorkspaceParts): Pick<Workspace, "read" | "list" | "search" | "applyPatch" | "run"> => ({
  read: (path, { offset = 1, limit = maxReadLines }, signal) => keeper.read({ path, offset, limit }, signal),
  list: (glob, signal) => keeper.list({ glob }, signal),
  search: async ({ pattern, glob }, signal) => {
    const found = await keeper.search({ pattern, glob: glob ?? null }, signal)
    return found.ok ? { lines: found.lines, truncated: found.truncated } : { reason: found.reason }
  },
  applyPatch: async (patch, signal) => {
    const applied = await keeper.applyPatch({ patch }, signal)
    if (!applied.ok) return applied
    const files = applied.files.map(({ before: _before, after: _after, ...file }) => file)
    return { ok: true, files, diff: "" }
  },
  run: async (request, signal) => {
    onCommand()
    return runIn(keeper, { ...request, env: { ...env, ...request.env } }, network, signal)
  },
})

/** Runs a shell line in a keeper's jail. */
export const runIn = async (
  keeper: Keeper,
  request: CommandRequest,
  network: readonly string[],
  signal: AbortSignal,
): Promise<CommandResult> => {
  const { exitCode, ended, output, truncated, durationMs } = await keeper.run(
    { ...request, ...(network.length === 0 ? {} : { network: null }) },
    signal,
  )
  return { exitCode, ended, output, truncated, durationMs }
}

/** Saves the tree as it is now on top of `parent`; null when nothing differs from it. */
export const saveTree = async (
  parts: WorkspaceParts,
  parent: string,
  label: { attempt: number; n: number },
  signal: AbortSignal,
): Promise<Saved> => {
  const { keeper, mirror, task, base } = parts
  const changes = await keeper.changes(signal)
  if (changes.length === 0) return { saved: null, refused: [] }
  const into = join(parts.staging, `${label.attempt}-${label.n}`)
  await mkdir(into, { recursive: true, mode: 0o700 })
  try {
    const staged = await keeper.stage(
      { paths: changes.map(({ path }) => path), into, maxBytes: maxStagedBytes },
      signal,
    )
    const outcome = await saveCheckpoint(
      mirror,
      { task, ...label, base, parent, changed: staged.map(asChangedPath) },
      signal,
    )
    if (outcome.saved === null) return { saved: null, refused: outcome.refused }
    const { sha, files, diff, whole } = outcome.saved
    return { saved: { sha, files, diff, whole, portable: true }, refused: outcome.refused }
  } finally {
    await rm(into, { recursive: true, force: true })
  }
}

const asChangedPath = (change: StagedChange): ChangedPath => {
  if (change.kind !== "file") return change
  const { path, executable, copy } = change
  return { path, kind: "file", executable, copy }
}

/** What differs between the base and a commit, for choosing tests. */
export const changedSince = async (mirror: Mirror, base: string, to: string, signal: AbortSignal) =>
  base === to ? [] : (await diffTrees(mirror, base, to, signal)).changes
