import { join } from "node:path"
import { addWorktree, releaseWorktree, type Worktree } from "../../packages/workspace/src/git/worktree.ts"
import { plainAdd, plainRemove } from "../floors/worktree-add.ts"
import { fiveRounds, inTurns, median, timed } from "../measure.ts"
import { type MirroredRepo, mirrorGenerated } from "../ours/mirror.ts"
import { compare, type Line, type MeasureRow } from "../row.ts"

const sizes = [1_000, 27_000]

/** A worktree with every file checked out, against `git worktree add` in the same mirror. */
export const run: MeasureRow = async ({ signal }) => {
  const lines: Line[] = []
  for (const files of sizes) {
    await using repo = await mirrorGenerated(files, signal)
    const found = await inTurns(
      { floor: () => floor(repo), ours: () => ours(repo, signal) },
      fiveRounds(signal),
    )
    const medians = { floor: median(found.floor), ours: median(found.ours) }
    lines.push(compare(`${files.toLocaleString("en")} files`, "ms", medians, { atMost: 1.15 }))
  }
  return { lines, profile: [] }
}

const floor = async ({ mirror, folder, source }: MirroredRepo): Promise<number> => {
  const path = join(folder, "plain")
  const took = await timed(() => plainAdd(mirror.dir, path, source.commit))
  await plainRemove(mirror.dir, path)
  return took
}

const ours = async ({ mirror, folder, source }: MirroredRepo, signal: AbortSignal): Promise<number> => {
  const wanted = { path: join(folder, "ours"), commit: source.commit, checkout: true }
  let worktree: Worktree | null = null
  const took = await timed(async () => {
    worktree = await addWorktree(mirror, wanted, signal)
  })
  // What is removed behind must not run into the next round.
  if (worktree !== null) await (await releaseWorktree(mirror, worktree)).removed
  return took
}
