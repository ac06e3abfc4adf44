import type { Judge } from "@twolane/agent"
import { type ChangedFile, changedFile, changesOfPlan } from "@twolane/common/guardrails/changed-file"
import { judgeChange, judgeCommand, judgePatch } from "@twolane/common/guardrails/judge"
import type { Policy } from "@twolane/common/guardrails/policy"
import { applyPatch } from "@twolane/common/patch/apply"
import { parsePatch } from "@twolane/common/patch/parse"
import type { FileChange } from "@twolane/protocol"
import { diffTrees, type Mirror, type PathChange, readBlob, treeChange } from "@twolane/workspace"

/** A file larger than this is judged as a binary one: nobody reads it in a review either. */
const maxTextBytes = 2 * 1024 * 1024

/**
 * What a turn's guardrails look at: trees of the mirror, never the working tree. They judge the model's own change, from `from` (its
 * caller's unfinished work, or the base) on; secrets are looked for in all that would be published, from the base on. `current` is the
 * newest checkpoint, or the base.
 */
export type JudgedWork = { policy: Policy; mirror: Mirror; base: string; from: string; current: () => string }

/** The guardrails of one turn. */
export const createJudge = (work: JudgedWork): Judge => ({
  patch: (patch, signal) => patchTrips(work, patch, signal),
  command: command => judgeCommand(work.policy, command),
  change: async (checkpoint, signal) => {
    if (checkpoint === null) return []
    const { policy, mirror, base, from } = work
    const own = await filesOf(mirror, from, checkpoint, signal)
    return judgeChange(policy, own, from === base ? own : await filesOf(mirror, base, checkpoint, signal))
  },
})

/** A patch that can't be read or does not fit trips nothing here: applying it says why, and changes nothing. */
const patchTrips = async (work: JudgedWork, text: string, signal: AbortSignal) => {
  const { policy, mirror, from } = work
  const parsed = parsePatch(text)
  if (!parsed.ok) return []
  const current = work.current()
  const named = parsed.patch.sections.flatMap(section =>
    section.type === "update" && section.to !== undefined ? [section.path, section.to] : [section.path],
  )
  const now = await readTexts(mirror, current, named, signal)
  const plan = applyPatch(parsed.patch, path => now.get(path) ?? null)
  if (!plan.ok) return []
  const before = await readTexts(
    mirror,
    from,
    plan.writes.map(({ path }) => path),
    signal,
  )
  const files = changesOfPlan(plan.writes, path => before.get(path) ?? null)
  return judgePatch(policy, files, await changedSoFar(mirror, from, current, signal))
}

const changedSoFar = async (
  mirror: Mirror,
  from: string,
  current: string,
  signal: AbortSignal,
): Promise<FileChange[]> => (from === current ? [] : (await diffTrees(mirror, from, current, signal)).changes)

const readTexts = async (
  mirror: Mirror,
  commit: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string | null>> => {
  const read = async (path: string) => {
    const bytes = await readBlob(mirror, commit, path, maxTextBytes, signal)
    return [path, bytes === null ? null : bytes.toString("utf8")] as const
  }
  return new Map(await Promise.all([...new Set(paths)].map(read)))
}

const filesOf = async (
  mirror: Mirror,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<ChangedFile[]> => {
  const changes = await treeChange(mirror, from, to, signal)
  return Promise.all(changes.map(change => fileOf(mirror, change, signal)))
}

const absent = "000000"
const gitlink = "160000"

/** One side of a changed path: its text, or that it is none that a person could read. */
type Side = { text: string | null; unreadable: boolean }

const fileOf = async (mirror: Mirror, change: PathChange, signal: AbortSignal): Promise<ChangedFile> => {
  const { path, oldMode, newMode, oldSha, newSha } = change
  const [before, after] = await Promise.all([
    sideOf(mirror, oldMode, oldSha, signal),
    sideOf(mirror, newMode, newSha, signal),
  ])
  const modes = {
    ...(oldMode === absent ? {} : { oldMode }),
    ...(newMode === absent ? {} : { newMode }),
  }
  const binary = before.unreadable || after.unreadable ? { binary: true } : {}
  return changedFile({ path, before: before.text, after: after.text, ...modes, ...binary })
}

const sideOf = async (mirror: Mirror, mode: string, sha: string, signal: AbortSignal): Promise<Side> => {
  if (mode === absent) return { text: null, unreadable: false }
  if (mode === gitlink) return { text: "", unreadable: false }
  const bytes = (await mirror.objects.read(sha, maxTextBytes, signal))?.bytes
  if (bytes === undefined || bytes.includes(0)) return { text: "", unreadable: true }
  return { text: bytes.toString("utf8"), unreadable: false }
}
