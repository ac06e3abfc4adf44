import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import type { CommandRequest, CommandResult, Saved, Workspace } from "@twolane/agent"
import type { FileChange } from "@twolane/protocol"
import { type ChangedPath, saveCheckpoint } from "../git/checkpoint.ts"
import type { Mirror } from "../git/mirror.ts"
import type { StagedChange } from "../keeper/protocol.ts"
import type { FurnishedRoom } from "./furnish.ts"

/**
 * Where a workspace's checkpoints go: `current` is the newest one, or what was checked out; `since` is what that changed since the
 * base, where it is known.
 */
export type WorkspaceTrail = {
  mirror: Mirror
  task: string
  base: string
  current: string
  since: readonly FileChange[] | null
}

/** The most that one checkpoint may add, in bytes. */
const maxStagedBytes = 512 * 1024 ** 2
const maxReadLines = 2_000

/** Everything of a workspace that only its own room takes part in. */
export const openWorkspace = (
  room: FurnishedRoom,
  trail: WorkspaceTrail,
): Omit<Workspace, "expectTests" | "test" | "kill" | typeof Symbol.asyncDispose> => {
  const { keeper } = room
  return {
    base: trail.base,
    read: (path, { offset = 1, limit = maxReadLines }, signal) =>
      keeper.read({ path, offset, limit }, signal),
    list: (glob, signal) => keeper.list({ glob }, signal),
    search: async ({ pattern, glob }, signal) => {
      const found = await keeper.search({ pattern, glob: glob ?? null }, signal)
      return found.ok ? { lines: found.lines, truncated: found.truncated } : { reason: found.reason }
    },
    applyPatch: async (patch, signal) => {
      const applied = await keeper.applyPatch({ patch }, signal)
      return applied.ok ? { ok: true } : applied
    },
    run: (request, signal) => runIn(room, request, signal),
    checkpoint: (label, signal) => save(room, trail, label, signal),
  }
}

/** Runs a shell line in a room's jail. */
export const runIn = async (
  { keeper, network }: FurnishedRoom,
  request: CommandRequest,
  signal: AbortSignal,
): Promise<CommandResult> => {
  const { exitCode, ended, output, truncated, durationMs } = await keeper.run({ ...request, network }, signal)
  return { exitCode, ended, output, truncated, durationMs }
}

const save = async (
  { keeper, folder }: FurnishedRoom,
  trail: WorkspaceTrail,
  label: { attempt: number; n: number },
  signal: AbortSignal,
): Promise<Saved> => {
  const changes = await keeper.changes(signal)
  if (changes.length === 0) return { saved: null, refused: [] }
  const into = join(folder, `staged-${label.attempt}-${label.n}`)
  await mkdir(into, { recursive: true, mode: 0o700 })
  try {
    const paths = changes.map(({ path }) => path)
    const staged = await keeper.stage({ paths, into, maxBytes: maxStagedBytes }, signal)
    const { mirror, task, base, current } = trail
    const wanted = { task, ...label, base, parent: current, changed: staged.map(asChangedPath) }
    const { saved, refused } = await saveCheckpoint(mirror, wanted, signal)
    if (saved === null) return { saved: null, refused }
    trail.current = saved.sha
    trail.since = saved.since
    const { sha, files, diff, whole } = saved
    return { saved: { sha, files, diff, whole, portable: true }, refused }
  } finally {
    await rm(into, { recursive: true, force: true })
  }
}

const asChangedPath = (change: StagedChange): ChangedPath => {
  if (change.kind !== "file") return change
  const { path, executable, copy } = change
  return { path, kind: "file", executable, copy }
}
