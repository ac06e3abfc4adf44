import { rm } from "node:fs/promises"
import { join } from "node:path"
import { addWorktree, releaseWorktree } from "../../packages/workspace/src/git/worktree.ts"
import { plainAdd } from "../floors/worktree-add.ts"
import { inFlight } from "../measure.ts"
import { type MirroredRepo, mirrorGenerated } from "../ours/mirror.ts"
import type { MeasureRow } from "../row.ts"

const atOnce = 16
const files = 20
const leases = 1_000
const plainLeases = 96

/** Leases of one repository, 16 at once: how many fail. */
export const run: MeasureRow = async ({ signal }) => {
  await using repo = await mirrorGenerated(files, signal)
  const plain = await failures(
    plainLeases,
    index => plainAdd(repo.mirror.dir, place(repo, "plain", index), repo.source.commit),
    signal,
  )
  const ours = await failures(leases, index => lease(repo, index, signal), signal)
  const share = `${plain.count} of ${plainLeases} plain \`git worktree add\` failed${plain.first}`
  return {
    lines: [
      {
        what: `${leases.toLocaleString("en")}, ${atOnce} at once`,
        floor: Math.round((plain.count / plainLeases) * leases),
        ours: ours.count,
        unit: "failures",
        ratio: null,
        goal: "0 failures",
        ok: ours.count === 0,
      },
    ],
    profile: [
      `${share} (the floor is scaled to ${leases})`,
      ...(ours.first === "" ? [] : [`ours failed${ours.first}`]),
    ],
  }
}

const place = (repo: MirroredRepo, who: string, index: number): string => join(repo.folder, `${who}-${index}`)

const lease = async (repo: MirroredRepo, index: number, signal: AbortSignal): Promise<void> => {
  const path = place(repo, "ours", index)
  const worktree = await addWorktree(
    repo.mirror,
    { path, commit: repo.source.commit, checkout: true },
    signal,
  )
  await (await releaseWorktree(repo.mirror, worktree)).removed
  await rm(path, { recursive: true, force: true })
}

/** Does it so often, 16 at once; counts what rejects, and tells the first reason. */
const failures = async (
  times: number,
  act: (index: number) => Promise<unknown>,
  signal: AbortSignal,
): Promise<{ count: number; first: string }> => {
  let count = 0
  let first = ""
  await inFlight(times, atOnce, async index => {
    signal.throwIfAborted()
    try {
      await act(index)
    } catch (error) {
      count += 1
      if (first === "") first = `: ${lastLine(error)}`
    }
  })
  return { count, first }
}

const lastLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error)
    .trim()
    .split("\n")
    .at(-1) ?? ""
