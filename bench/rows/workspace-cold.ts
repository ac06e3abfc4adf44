import { join } from "node:path"
import { addWorktree, releaseWorktree } from "../../packages/workspace/src/git/worktree.ts"
import { openHouse } from "../../packages/workspace/src/house/house.ts"
import { probeSandbox } from "../../packages/workspace/src/jail/probe.ts"
import { plainAdd, plainRemove } from "../floors/worktree-add.ts"
import { fiveRounds, inTurns, median } from "../measure.ts"
import { type MirroredRepo, mirrorGenerated } from "../ours/mirror.ts"
import { compare, type Line, type MeasureRow } from "../row.ts"

const sizes = [1_000, 27_000]
const goal = { atMost: 1.15 }

/** A worktree with every file checked out, against `git worktree add` in the same mirror; and a whole workspace, ready for commands. */
export const run: MeasureRow = async ({ signal }) => {
  const lines: Line[] = []
  for (const files of sizes) {
    await using repo = await mirrorGenerated(files, signal)
    const found = await inTurns(
      { floor: () => plain(repo), worktree: () => worktree(repo, signal), whole: () => whole(repo, signal) },
      fiveRounds(signal),
    )
    const floor = median(found.floor)
    const what = `${files.toLocaleString("en")} files`
    lines.push(compare(what, "ms", { floor, ours: median(found.worktree) }, goal))
    const ready = compare(`${what}, ready for commands`, "ms", { floor, ours: median(found.whole) }, goal)
    lines.push({ ...ready, goal: "reported", ok: null })
  }
  return { lines, profile: ["ready for commands adds a keeper's start, which costs the same at any size"] }
}

const since = (startedAt: number): number => performance.now() - startedAt

const plain = async ({ mirror, folder, source }: MirroredRepo): Promise<number> => {
  const path = join(folder, "plain")
  const startedAt = performance.now()
  await plainAdd(mirror.dir, path, source.commit)
  const took = since(startedAt)
  await plainRemove(mirror.dir, path)
  return took
}

const worktree = async ({ mirror, folder, source }: MirroredRepo, signal: AbortSignal): Promise<number> => {
  const wanted = { path: join(folder, "ours"), commit: source.commit, checkout: true }
  const startedAt = performance.now()
  const made = await addWorktree(mirror, wanted, signal)
  const took = since(startedAt)
  // What is removed behind must not run into the next round.
  await (await releaseWorktree(mirror, made)).removed
  return took
}

const whole = async ({ mirror, folder, source }: MirroredRepo, signal: AbortSignal): Promise<number> => {
  const config = { dataDir: folder, jailPaths: [], concurrency: { fast: 1, deep: 1 }, warmWorkspaces: 0 }
  await using house = await openHouse({
    config,
    sandbox: await probeSandbox("auto"),
    lane: "deep",
    worker: "bench",
  })
  const wanted = {
    mirror,
    task: "bench",
    base: source.commit,
    checkpoint: null,
    file: undefined,
    secrets: {},
  }
  const startedAt = performance.now()
  const opened = await house.open(wanted, signal)
  const took = since(startedAt)
  if (!opened.ok) throw new Error(opened.detail)
  await opened.workspace[Symbol.asyncDispose]()
  return took
}
